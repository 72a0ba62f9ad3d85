"""The rival of bench/bridge.ts: CoppeliaSim's official Python client, making the same calls of the same server.

Takes host and port; reads one number of calls a line from standard input, makes that many of sim.getJointPosition, and
writes the seconds that they took. The first line it writes says that it is connected.
"""

import sys
import time

from coppeliasim_zmqremoteapi_client import RemoteAPIClient

sim = RemoteAPIClient(sys.argv[1], int(sys.argv[2])).require('sim')
joint = sim.getObject(sys.argv[3])
print('connected', flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    for _ in range(int(line)):
        sim.getJointPosition(joint)
    print(time.perf_counter() - start, flush=True)
