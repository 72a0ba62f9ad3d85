"""The rival of bench/update.ts: one SAC update in PyTorch, in the single-file style of CleanRL's
sac_continuous_action.py (https://github.com/vwxyzjn/cleanrl), and the same tuned: one optimizer step for all tensors
(foreach) where this PyTorch has it, and no critic gradients in the actor's backward pass.

Reads one JSON object a line from standard input, {"size": NAME, "style": "plain" | "tuned", "updates": N}, makes that
many updates, and answers one line {"seconds": S}. Sizes are declared by the first line, {"sizes": {NAME: {...}}}.
With --probe it only says how long matrix products take, to choose how its BLAS should run.
"""

import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

torch.set_num_threads(1)
LOG_STD_MAX = 2
LOG_STD_MIN = -20


def mlp(sizes, layer_norm=False):
    layers = []
    for i in range(len(sizes) - 1):
        layers.append(nn.Linear(sizes[i], sizes[i + 1]))
        if i < len(sizes) - 2:
            if layer_norm:
                layers.append(nn.LayerNorm(sizes[i + 1], elementwise_affine=False))
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


class SoftQNetwork(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.net = mlp([size["observation"] + size["action"], *size["criticHidden"], 1], size["layerNorm"])

    def forward(self, x, a):
        return self.net(torch.cat([x, a], 1))


class Actor(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.net = mlp([size["observation"], *size["actorHidden"], 2 * size["action"]])

    def get_action(self, x):
        mean, log_std = self.net(x).chunk(2, dim=-1)
        log_std = torch.clamp(log_std, LOG_STD_MIN, LOG_STD_MAX)
        std = log_std.exp()
        normal = torch.distributions.Normal(mean, std)
        x_t = normal.rsample()
        y_t = torch.tanh(x_t)
        log_prob = normal.log_prob(x_t)
        log_prob -= torch.log(1 - y_t.pow(2) + 1e-6)
        return y_t, log_prob.sum(1, keepdim=True)


def adam(parameters, lr, tuned):
    if tuned:
        try:
            return optim.Adam(parameters, lr=lr, foreach=True)
        except TypeError:
            pass
    return optim.Adam(parameters, lr=lr)


class Sac:
    def __init__(self, size, tuned):
        self.tuned = tuned
        self.actor = Actor(size)
        self.qf1, self.qf2 = SoftQNetwork(size), SoftQNetwork(size)
        self.qf1_target, self.qf2_target = SoftQNetwork(size), SoftQNetwork(size)
        self.qf1_target.load_state_dict(self.qf1.state_dict())
        self.qf2_target.load_state_dict(self.qf2.state_dict())
        self.q_parameters = list(self.qf1.parameters()) + list(self.qf2.parameters())
        self.q_optimizer = adam(self.q_parameters, size["learningRate"], tuned)
        self.actor_optimizer = adam(list(self.actor.parameters()), size["learningRate"], tuned)
        self.target_entropy = -float(size["action"])
        self.log_alpha = torch.zeros(1, requires_grad=True)
        self.a_optimizer = optim.Adam([self.log_alpha], lr=size["learningRate"])
        self.gamma, self.tau = 0.99, size["tau"]
        n = 4096
        self.data = [
            torch.randn(n, size["observation"]),
            torch.rand(n, size["action"]) * 2 - 1,
            torch.randn(n),
            torch.randn(n, size["observation"]),
            (torch.rand(n) < 0.1).float(),
        ]
        self.batch = size["batch"]

    def update(self):
        index = torch.randint(0, self.data[0].shape[0], (self.batch,))
        obs, actions, rewards, next_obs, dones = (x[index] for x in self.data)
        alpha = self.log_alpha.exp().detach()
        with torch.no_grad():
            next_actions, next_log_pi = self.actor.get_action(next_obs)
            q1_next = self.qf1_target(next_obs, next_actions)
            q2_next = self.qf2_target(next_obs, next_actions)
            min_q_next = torch.min(q1_next, q2_next) - alpha * next_log_pi
            next_q = rewards + (1 - dones) * self.gamma * min_q_next.view(-1)
        q1 = self.qf1(obs, actions).view(-1)
        q2 = self.qf2(obs, actions).view(-1)
        qf_loss = F.mse_loss(q1, next_q) + F.mse_loss(q2, next_q)
        self.q_optimizer.zero_grad()
        qf_loss.backward()
        self.q_optimizer.step()

        if self.tuned:
            for p in self.q_parameters:
                p.requires_grad_(False)
        pi, log_pi = self.actor.get_action(obs)
        min_q_pi = torch.min(self.qf1(obs, pi), self.qf2(obs, pi))
        actor_loss = (alpha * log_pi - min_q_pi).mean()
        self.actor_optimizer.zero_grad()
        actor_loss.backward()
        self.actor_optimizer.step()
        if self.tuned:
            for p in self.q_parameters:
                p.requires_grad_(True)

        alpha_loss = (-self.log_alpha * (log_pi.detach() + self.target_entropy)).mean()
        self.a_optimizer.zero_grad()
        alpha_loss.backward()
        self.a_optimizer.step()

        with torch.no_grad():
            for net, target in ((self.qf1, self.qf1_target), (self.qf2, self.qf2_target)):
                if self.tuned and hasattr(torch, "_foreach_mul_"):
                    targets, sources = list(target.parameters()), list(net.parameters())
                    torch._foreach_mul_(targets, 1 - self.tau)
                    torch._foreach_add_(targets, sources, alpha=self.tau)
                else:
                    for param, target_param in zip(net.parameters(), target.parameters()):
                        target_param.data.copy_(self.tau * param.data + (1 - self.tau) * target_param.data)


def blas_library():
    """The BLAS that this process has loaded, as a file, where the system can tell."""
    try:
        with open("/proc/self/maps") as maps:
            paths = {line.split()[-1] for line in maps if "/" in line}
    except OSError:
        return None
    names = ("openblas", "mkl_core", "mkl_intel", "libblis", "atlas", "libblas", "torch_cpu")
    for name in names:
        for path in sorted(paths):
            if name in path:
                return path
    return None


def probe():
    a, b = torch.randn(128, 512), torch.randn(512, 512)
    for _ in range(10):
        a @ b
    times = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(20):
            a @ b
        times.append(time.perf_counter() - start)
    print(json.dumps({"seconds": min(times)}), flush=True)


def main():
    if "--probe" in sys.argv:
        return probe()
    sizes = json.loads(sys.stdin.readline())["sizes"]
    print(json.dumps({"version": torch.__version__, "blas": blas_library()}), flush=True)
    agents = {}
    for line in sys.stdin:
        request = json.loads(line)
        key = (request["size"], request["style"])
        if key not in agents:
            torch.manual_seed(1)
            agents[key] = Sac(sizes[request["size"]], request["style"] == "tuned")
        agent = agents[key]
        start = time.perf_counter()
        for _ in range(request["updates"]):
            agent.update()
        print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)


if __name__ == "__main__":
    main()
