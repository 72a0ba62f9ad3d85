"""Drives a server of the ZeroMQ remote API with CoppeliaSim's official Python client.

Usage: remote_api.py PORT. Prints one JSON object; raises where something is not as a program written for CoppeliaSim
expects it.
"""

import json
import math
import sys
import time

from coppeliasim_zmqremoteapi_client import RemoteAPIClient

client = RemoteAPIClient('127.0.0.1', int(sys.argv[1]))
sim = client.require('sim')
found = {}


def close(a, b, tolerance=1e-9):
    assert abs(a - b) <= tolerance, f'{a} is not {b}'


def raises(text, function, *args):
    try:
        function(*args)
    except Exception as error:  # The client raises nothing more particular.
        assert text in str(error), f'{error} does not say {text}'
        return
    raise AssertionError(f'no error where one with "{text}" was due')


# Look-up, and results as Python has them: numbers, lists, None for nothing.
joints = [sim.getObject(f'/Sawyer/Sawyer_joint{i}') for i in range(1, 8)]
target = sim.getObject('/target')
assert sim.getObjectAlias(joints[1], 1) == '/Sawyer/Sawyer_joint2'
assert sim.getObject('/NoSuchThing', {'noError': True}) == -1
assert sim.getObjectType(joints[0]) == sim.sceneobject_joint
position = sim.getObjectPosition(target)
assert all(isinstance(number, float) for number in position), position
assert sim.getInt32Signal('nothing') is None
assert sim.getSimulationState() == sim.simulation_stopped

# Errors.
raises('object does not exist', sim.getObject, '/NoSuchThing')
raises('argument 1 is not a number', sim.getObjectPosition, 'x')
raises('No such function: sim.noSuchFunction', lambda: client.call('sim.noSuchFunction', []))
raises('sim.loadModel is not served by the embedded server', sim.loadModel, 'robot.ttm')
raises('not served by the embedded server', lambda: client.require('simIK'))
assert sim.getObjectHandle('target#0') == target
assert sim.getScript(sim.scripttype_simulation, target) == -1

# Properties: values, none for those that there are not, and errors.
assert sim.getProperty(target, 'mass') == sim.getFloatProperty(target, 'mass') == 0.25
assert sim.getProperty(target, 'position', {'noError': True}) is None
raises('no such property: position', sim.getProperty, target, 'position')
sim.setProperty(target, 'customData.goal', 'there')
assert sim.getStringProperty(target, 'customData.goal') == 'there'

# Text and bytes keep apart; packed numbers come back.
sim.setStringSignal('text', 'grüße')
assert sim.getStringSignal('text') == 'grüße'
packed = sim.packDoubleTable([1.0, -2.5, 3.25])
sim.setBufferSignal('bytes', packed)
assert sim.unpackDoubleTable(sim.getBufferSignal('bytes')) == [1.0, -2.5, 3.25]
assert client.call('sim.unpackDoubleTable', [packed]) == [1.0, -2.5, 3.25]

# Callbacks: by function, with a call of the simulator inside.
calls = []


def callback(a, b):
    calls.append((a, b))
    return sim.getObject('/target') + a + b


assert sim.testCB(21, callback, 21, 2) == target + 42
assert calls == [(21, 21)] * 3

# Stepping: joints move as told, and the time goes by in periods.
sim.setStepping(True)
for joint in joints:
    sim.setObjectInt32Param(joint, sim.jointintparam_dynctrlmode, sim.jointdynctrl_velocity)
sim.startSimulation()
sim.setJointTargetVelocity(joints[0], 0.5)
for i in range(20):
    sim.step()
    close(sim.getSimulationTime(), 0.05 * (i + 1))
turned = sim.getJointPosition(joints[0])
assert 0.45 < turned < 0.5, turned
close(sim.getJointVelocity(joints[0]), 0.5, 0.02)
_, _, height = sim.getObjectPosition(target)
close(height, 0.775, 1e-3)
pair, point, force, normal = sim.getContactInfo(sim.handle_all, target, 0)
assert set(pair) == {target, sim.getObject('/diningTable')} and abs(force[2]) > 0.1

# As fast as it answers.
start = time.perf_counter()
for _ in range(300):
    sim.getJointPosition(joints[0])
found['callsPerSecond'] = 300 / (time.perf_counter() - start)
start = time.perf_counter()
for _ in range(100):
    sim.step()
found['stepsPerSecond'] = 100 / (time.perf_counter() - start)

# Paused, a step returns at once.
before = sim.getSimulationTime()
sim.pauseSimulation()
sim.step()
assert sim.getSimulationTime() == before
sim.startSimulation()
sim.step()
assert isinstance(sim.getJointForce(joints[0]), float)
sensor = sim.getObject('/Sawyer_wrist_connector')
assert sim.readForceSensor(sensor)[0] == 1
assert sim.checkDistance(target, sim.getObject('/diningTable'))[2] == [target, sim.getObject('/diningTable')]

# A second client has its own stepping, and both must agree.
other = RemoteAPIClient('127.0.0.1', int(sys.argv[1]))
other_sim = other.require('sim')
assert other_sim.setStepping(True) == 0
assert sim.setStepping(True) == 1
other_sim.setStepping(False)
before = sim.getSimulationTime()
sim.step()
close(other_sim.getSimulationTime() - before, 0.05)

# Stopping puts everything back.
sim.stopSimulation()
while sim.getSimulationState() != sim.simulation_stopped:
    time.sleep(0.01)
close(sim.getJointPosition(joints[0]), 0)
sim.setJointPosition(joints[0], math.pi / 4)
close(sim.getJointPosition(joints[0]), math.pi / 4)
assert [round(value, 3) for value in sim.getObjectPosition(target)] == [0.35, 0.025, 0.8]

print(json.dumps(found))
