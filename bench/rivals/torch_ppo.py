"""The rival of bench/learning.ts: proximal policy optimization in PyTorch, in the single-file style of CleanRL's ppo.py
(https://github.com/vwxyzjn/cleanrl), with the settings it is given on the command line as JSON.

Environments are Gymnasium's CartPole-v1 (also with its velocities hidden) and Pendulum-v1, all of them stepped as one
NumPy array, so that Python's overhead for each of them is not what is measured. After training 100 deterministic
episodes are played. Answers one line of JSON.
"""

import json
import sys
import time

import numpy as np
import torch
import torch.nn as nn
from torch.distributions import Categorical, Normal

torch.set_num_threads(1)


class CartPole:
    limit, discrete, actions = 500, True, 2

    def __init__(self, count, rng, masked=False):
        self.rng, self.columns = rng, [0, 2] if masked else [0, 1, 2, 3]
        self.state, self.steps = np.zeros((count, 4)), np.zeros(count, dtype=int)
        self.observations = len(self.columns)
        self.reset(np.arange(count))

    def reset(self, rows):
        self.state[rows] = self.rng.uniform(-0.05, 0.05, (len(rows), 4))
        self.steps[rows] = 0

    def observe(self):
        return self.state[:, self.columns].astype(np.float32)

    def step(self, action):
        x, x_dot, theta, theta_dot = self.state.T
        force = np.where(action == 1, 10.0, -10.0)
        cos, sin = np.cos(theta), np.sin(theta)
        temp = (force + 0.05 * theta_dot**2 * sin) / 1.1
        theta_acc = (9.8 * sin - cos * temp) / (0.5 * (4.0 / 3.0 - 0.1 * cos**2 / 1.1))
        x_acc = temp - 0.05 * theta_acc * cos / 1.1
        self.state = np.stack(
            [x + 0.02 * x_dot, x_dot + 0.02 * x_acc, theta + 0.02 * theta_dot, theta_dot + 0.02 * theta_acc], 1
        )
        self.steps += 1
        terminated = (np.abs(self.state[:, 0]) > 2.4) | (np.abs(self.state[:, 2]) > 12 * 2 * np.pi / 360)
        return np.ones(len(x)), terminated, ~terminated & (self.steps >= self.limit)


class Pendulum:
    limit, discrete, actions, observations = 200, False, 1, 3

    def __init__(self, count, rng):
        self.rng = rng
        self.state, self.steps = np.zeros((count, 2)), np.zeros(count, dtype=int)
        self.reset(np.arange(count))

    def reset(self, rows):
        self.state[rows] = self.rng.uniform([-np.pi, -1], [np.pi, 1], (len(rows), 2))
        self.steps[rows] = 0

    def observe(self):
        theta, speed = self.state.T
        return np.stack([np.cos(theta), np.sin(theta), speed], 1).astype(np.float32)

    def step(self, action):
        theta, speed = self.state.T
        torque = 2 * np.clip(action[:, 0], -1, 1)
        cost = (((theta + np.pi) % (2 * np.pi)) - np.pi) ** 2 + 0.1 * speed**2 + 0.001 * torque**2
        speed = np.clip(speed + (15 * np.sin(theta) + 3 * torque) * 0.05, -8, 8)
        self.state = np.stack([theta + speed * 0.05, speed], 1)
        self.steps += 1
        return -cost, np.zeros(len(theta), dtype=bool), self.steps >= self.limit


def layer(inputs, outputs, std=np.sqrt(2)):
    result = nn.Linear(inputs, outputs)
    nn.init.orthogonal_(result.weight, std)
    nn.init.constant_(result.bias, 0.0)
    return result


def mlp(inputs, hidden, outputs, std):
    sizes = [inputs, *hidden]
    layers = [module for a, b in zip(sizes, hidden) for module in (layer(a, b), nn.Tanh())]
    return nn.Sequential(*layers, layer(sizes[-1], outputs, std))


class Agent(nn.Module):
    def __init__(self, env, hidden):
        super().__init__()
        self.discrete = env.discrete
        self.actor = mlp(env.observations, hidden, env.actions, 0.01)
        self.critic = mlp(env.observations, hidden, 1, 1.0)
        self.log_std = None if env.discrete else nn.Parameter(torch.zeros(env.actions))

    def evaluate(self, obs, action=None):
        out = self.actor(obs)
        distribution = Categorical(logits=out) if self.discrete else Normal(out, self.log_std.exp())
        if action is None:
            action = distribution.sample()
        log_prob, entropy = distribution.log_prob(action), distribution.entropy()
        if not self.discrete:
            log_prob, entropy = log_prob.sum(1), entropy.sum(1)
        return action, log_prob, entropy, self.critic(obs).view(-1)

    def mode(self, obs):
        out = self.actor(obs)
        return out.argmax(1) if self.discrete else out


def train(name, total, seed, o):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    make = {
        "CartPole-v1": CartPole,
        "CartPoleMasked-v1": lambda n, r: CartPole(n, r, masked=True),
        "Pendulum-v1": Pendulum,
    }[name]
    n = o["environments"]
    steps = o["timestepsPerBatch"] // n
    env = make(n, rng)
    agent = Agent(env, o.get("hidden", [64, 64]))
    optimizer = torch.optim.Adam(agent.parameters(), lr=o["learningRate"], eps=1e-5)
    gamma, lam, clip, scale = o["gamma"], o["lambda"], o.get("clip", 0.2), o.get("rewardScale", 1.0)
    start = time.perf_counter()
    done_steps = 0
    while done_steps < total:
        data = []
        for _ in range(steps):
            obs = torch.from_numpy(env.observe())
            with torch.no_grad():
                action, log_prob, _, value = agent.evaluate(obs)
            reward, terminated, truncated = env.step(action.numpy())
            reward = torch.from_numpy(reward * scale).float()
            with torch.no_grad():
                after = agent.critic(torch.from_numpy(env.observe())).view(-1) * torch.from_numpy(~terminated).float()
            over = terminated | truncated
            data.append((obs, action, log_prob, value, reward, after, torch.from_numpy(~over).float()))
            if over.any():
                env.reset(np.nonzero(over)[0])
        done_steps += steps * n
        obs, actions, log_probs, values, rewards, afters, goes_on = (torch.stack(x) for x in zip(*data))
        advantages, last = torch.zeros_like(rewards), torch.zeros(n)
        for t in reversed(range(steps)):
            delta = rewards[t] + gamma * afters[t] - values[t]
            advantages[t] = last = delta + gamma * lam * goes_on[t] * last
        returns = advantages + values
        flat = [x.reshape(-1, *x.shape[2:]) for x in (obs, actions, log_probs, advantages, returns)]
        if o.get("learningRateDecay") == "linear":
            optimizer.param_groups[0]["lr"] = o["learningRate"] * max(0.0, 1 - done_steps / total)
        b_obs, b_actions, b_log_probs, b_advantages, b_returns = flat
        b_advantages = (b_advantages - b_advantages.mean()) / (b_advantages.std() + 1e-8)
        stop = False
        for _ in range(o["epochs"]):
            order = torch.randperm(len(b_obs))
            for first in range(0, len(order), o["miniBatchSize"]):
                i = order[first : first + o["miniBatchSize"]]
                _, new_log_prob, entropy, new_value = agent.evaluate(b_obs[i], b_actions[i])
                log_ratio = new_log_prob - b_log_probs[i]
                ratio = log_ratio.exp()
                policy_loss = torch.max(
                    -b_advantages[i] * ratio, -b_advantages[i] * torch.clamp(ratio, 1 - clip, 1 + clip)
                ).mean()
                value_loss = 0.5 * ((new_value - b_returns[i]) ** 2).mean()
                loss = policy_loss - o.get("entropyCoefficient", 0.0) * entropy.mean() + 0.5 * value_loss
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
                optimizer.step()
                target = o.get("targetDivergence", 0.0)
                stop = target > 0 and ((ratio - 1) - log_ratio).mean().item() > 1.5 * target
                if stop:
                    break
            if stop:
                break
    seconds = time.perf_counter() - start

    test = make(100, np.random.default_rng(10_000 + seed))
    totals, running = np.zeros(100), np.ones(100, dtype=bool)
    while running.any():
        with torch.no_grad():
            action = agent.mode(torch.from_numpy(test.observe())).numpy()
        reward, terminated, truncated = test.step(action)
        totals += reward * running
        running &= ~(terminated | truncated)
    return {"meanReturn": float(totals.mean()), "envSteps": done_steps, "seconds": seconds}


def main():
    request = json.loads(sys.argv[1])
    result = train(request["env"], request["steps"], request["seed"], request["options"])
    print(json.dumps({"version": torch.__version__, **result}), flush=True)


main()
