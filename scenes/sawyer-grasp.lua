-- The fast lane: a simulation script that lets graspbridge drive the arm with one message for each simulation step.
--
-- It answers on a ZeroMQ socket of its own on 127.0.0.1. In actuation it waits for a request; a step sets the joints'
-- velocities and returns, so that the physics runs, and in sensing the state goes back. Everything but the greeting is
-- packed doubles; src/bridge/coppeliasim/fast-lane/messages.ts has their layout.
--
-- It never holds the simulation for ever: without a request for config.idleSeconds, or after a release, the simulation
-- goes on by itself with the arm at rest, and the next request takes hold of it again.
--
-- A line above this text, put there when it is installed, defines the local table `config`.

-- Globals, both: simZMQ's Lua side looks for a global sim.
sim = require 'sim'
simZMQ = require 'simZMQ'

local VERSION = 1
local HELLO, STEP, RESET, STATE, RELEASE = 0, 1, 2, 3, 4
local OK, DIVERGED, BAD_REQUEST = 0, 1, 2
-- Doubles in a request of each kind.
local LENGTHS = {[HELLO] = 2, [STEP] = 10, [RESET] = 17, [STATE] = 2, [RELEASE] = 2}
-- Longest single wait for a request, ms: between two the script looks whether the simulation is to stop.
local SLICE = 200
-- How fast the fingers return to the width they were told, m/s; and how far past closed they may be told, m.
local HOLD_VELOCITY, PAST_CLOSED = 0.1, 0.02
-- More contacts of one pad than this are not looked at.
local MAXIMUM_CONTACTS = 200

local handles, missing = {}, {}
local joints, fingers, tree = {}, {}, {}
local context, socket
local problem = 'the simulation has not started'
-- Whether the simulation goes on by itself, and the sequence number of a step whose state is still to be sent.
local free, pending = false, nil
-- When the last request came, on the system's clock; nil before the first one.
local lastRequest
local origin = 0
-- Since a reset nothing has moved: contacts and velocities would be those of before.
local untouched = false
-- The distance between the pads that the gripper has been told, m.
local told = 0

local function find(name, path)
    local handle = sim.getObject(path, {noError = true})
    if handle == nil or handle < 0 then
        missing[#missing + 1] = name
        return nil
    end
    handles[#handles + 1] = {name = name, handle = handle, path = path}
    return handle
end

local function prepareJoint(handle, force)
    -- The original's second scene has the arm driven by inverse kinematics.
    sim.setJointMode(handle, sim.jointmode_dynamic, 0)
    sim.setObjectInt32Param(handle, sim.jointintparam_dynctrlmode, sim.jointdynctrl_velocity)
    sim.setJointTargetForce(handle, force)
    sim.setJointTargetVelocity(handle, 0)
end

local objects = {}

local function findObjects()
    for i = 1, 7 do joints[i] = find('joint' .. i, config.objects.joints[i]) end
    for _, name in ipairs {'arm', 'tip', 'gripper', 'leftFingerJoint', 'rightFingerJoint', 'leftPad', 'rightPad', 'target', 'table'} do
        objects[name] = find(name, config.objects[name])
    end
    if #missing > 0 then return end
    fingers = {objects.leftFingerJoint, objects.rightFingerJoint}
    for i = 1, 7 do prepareJoint(joints[i], config.maximumForces[i]) end
    for i = 1, 2 do prepareJoint(fingers[i], config.gripper.force) end
    tree = sim.getObjectsInTree(objects.arm)
    told = sim.getJointPosition(fingers[1]) + sim.getJointPosition(fingers[2])
end

local function closeSocket()
    if socket then simZMQ.close(socket) end
    if context then simZMQ.ctx_term(context) end
    socket, context = nil, nil
end

local function openSocket()
    context = simZMQ.ctx_new()
    socket = simZMQ.socket(context, simZMQ.REP)
    -- Without this, closing would wait for a reply that nobody fetches.
    simZMQ.setsockopt(socket, simZMQ.LINGER, sim.packInt32Table {0})
    local address = 'tcp://127.0.0.1:' .. config.port
    if simZMQ.bind(socket, address) == -1 then
        problem = 'binding ' .. address .. ' failed: ' .. tostring(simZMQ.strerror(simZMQ.errnum()))
        closeSocket()
        return
    end
    problem = 'listening'
end

local function answer(message)
    -- Without this flag simZMQ would yield to other scripts where it cannot send at once.
    if simZMQ.send(socket, message, simZMQ.DONTWAIT) ~= -1 then return end
    -- A request of several parts leaves the socket where it takes no reply; a new one is the only way out.
    closeSocket()
    openSocket()
end

local function refuse(status, sequence)
    answer(sim.packDoubleTable {status, sequence})
end

local function greet()
    local lines = {
        'graspbridge-lane ' .. VERSION,
        'period ' .. sim.getSimulationTimeStep(),
        'tip_goals no',
    }
    for _, each in ipairs(handles) do
        lines[#lines + 1] = 'object ' .. each.name .. ' ' .. math.floor(each.handle) .. ' ' .. each.path
    end
    for _, name in ipairs(missing) do lines[#lines + 1] = 'missing ' .. name end
    answer(table.concat(lines, '\n'))
end

-- Whether the pad presses on the target, and on the table, as 1 or 0 each. getContactInfo is of the simulator's core:
-- it needs no plugin, as collision checks do.
local function padContacts(pad)
    local target, board = 0, 0
    for i = 0, MAXIMUM_CONTACTS - 1 do
        local pair, _, force = sim.getContactInfo(sim.handle_all, pad, i)
        if pair == nil or #pair < 2 then break end
        local other = pair[1] == pad and pair[2] or (pair[2] == pad and pair[1] or nil)
        local strong = config.contactForce == 0 or
            (force[1] * force[1] + force[2] * force[2] + force[3] * force[3]) >= config.contactForce * config.contactForce
        if strong and other == objects.target then target = 1 end
        if strong and other == objects.table then board = 1 end
    end
    return target, board
end

local function isFinite(value)
    return type(value) == 'number' and value == value and value ~= math.huge and value ~= -math.huge
end

local function allFinite(values, first, last)
    for i = first, last do
        if not isFinite(values[i]) then return false end
    end
    return true
end

-- Sends the state. `ahead` is what the simulator's clock lacks: it moves on only after sensing.
local function sendState(sequence, ahead)
    local state = {OK, sequence, sim.getSimulationTime() - origin + ahead}
    local function append(values, count)
        for i = 1, count do state[#state + 1] = values[i] or 0 / 0 end
    end
    for i = 1, 7 do state[3 + i] = sim.getJointPosition(joints[i]) end
    for i = 1, 7 do state[10 + i] = untouched and 0 or sim.getJointVelocity(joints[i]) end
    local tip = sim.getObjectPose(objects.tip, -1)
    local gripper = sim.getObjectPosition(objects.gripper, -1)
    local left = sim.getObjectPosition(objects.leftPad, -1)
    local right = sim.getObjectPosition(objects.rightPad, -1)
    append(tip, 7)
    append(gripper, 3)
    -- The gripper is turned as the tip, whatever the frame of its shape.
    append({tip[4], tip[5], tip[6], tip[7]}, 4)
    append({(left[1] + right[1]) / 2, (left[2] + right[2]) / 2, (left[3] + right[3]) / 2}, 3)
    local opening = sim.getJointPosition(fingers[1]) + sim.getJointPosition(fingers[2])
    append({opening < 0 and 0 or opening}, 1)
    append(sim.getObjectPose(objects.target, -1), 7)
    local leftTarget, leftTable, rightTarget, rightTable = 0, 0, 0, 0
    if not untouched then
        leftTarget, leftTable = padContacts(objects.leftPad)
        rightTarget, rightTable = padContacts(objects.rightPad)
    end
    append({leftTarget, rightTarget, leftTable, rightTable, -1}, 5)
    if not allFinite(state, 1, #state) then return refuse(DIVERGED, sequence) end
    answer(sim.packDoubleTable(state))
end

-- Moves both fingers. Velocity 0 holds the width told: after closing on something they go on pressing.
local function moveFingers(velocity)
    local opening = sim.getJointPosition(fingers[1]) + sim.getJointPosition(fingers[2])
    local period = sim.getSimulationTimeStep()
    if (velocity > 0 and told < opening) or (velocity < 0 and told > opening) then told = opening end
    told = math.max(-PAST_CLOSED, math.min(config.gripper.maximumOpening, told + 2 * velocity * period))
    if velocity == 0 then
        velocity = math.max(-HOLD_VELOCITY, math.min(HOLD_VELOCITY, (told - opening) / (2 * period)))
    end
    for i = 1, 2 do sim.setJointTargetVelocity(fingers[i], config.gripper.sign * velocity) end
end

local function rest()
    for i = 1, 7 do sim.setJointTargetVelocity(joints[i], 0) end
    moveFingers(0)
end

local function step(request)
    -- Scaled as a whole, so that the arm keeps its direction.
    local excess = 1
    for i = 1, 7 do excess = math.max(excess, math.abs(request[2 + i]) / config.maximumVelocities[i]) end
    for i = 1, 7 do sim.setJointTargetVelocity(joints[i], request[2 + i] / excess) end
    moveFingers(request[10])
end

local function reset(request)
    for i = 1, 7 do
        sim.setJointPosition(joints[i], request[2 + i])
        sim.setJointTargetVelocity(joints[i], 0)
    end
    for i = 1, 2 do
        sim.setJointPosition(fingers[i], request[17] / 2)
        sim.setJointTargetVelocity(fingers[i], 0)
    end
    told = request[17]
    sim.setObjectPosition(objects.target, {request[10], request[11], request[12]})
    local length = math.sqrt(request[13] ^ 2 + request[14] ^ 2 + request[15] ^ 2 + request[16] ^ 2)
    local turned = {0, 0, 0, 1}
    if length > 1e-6 then for i = 1, 4 do turned[i] = request[12 + i] / length end end
    sim.setObjectQuaternion(objects.target, turned)
    -- Otherwise the physics engine would go on from where it has them.
    for i = 1, #tree do sim.resetDynamicObject(tree[i]) end
    sim.resetDynamicObject(objects.target)
    origin = sim.getSimulationTime()
    untouched = true
end

-- The request's doubles, or nil where it is none of this version.
local function decode(data)
    if #data == 0 or #data % 8 ~= 0 or #data > 1024 then return nil end
    local request = sim.unpackDoubleTable(data)
    if #request ~= LENGTHS[request[1]] or not allFinite(request, 1, #request) then return nil end
    return request
end

-- Answers one request. Returns whether the simulation is to advance for it.
local function serve(data)
    local request = decode(data)
    if request == nil then
        refuse(BAD_REQUEST, 0)
        return false
    end
    local kind, sequence = request[1], request[2]
    if kind == HELLO then
        greet()
    elseif #missing > 0 then
        refuse(BAD_REQUEST, sequence)
    elseif kind == STEP then
        step(request)
        pending = sequence
        return true
    elseif kind == RESET then
        reset(request)
        sendState(sequence, 0)
    else
        sendState(sequence, 0)
        if kind == RELEASE then
            rest()
            free = true
        end
    end
    return free
end

-- Runs one of the above; where it fails, as with an object that was removed meanwhile, the client is told and the lane lives.
local function guarded(action, sequence, ...)
    local done, result = pcall(action, ...)
    if done then return result end
    problem = 'a request failed: ' .. tostring(result)
    refuse(BAD_REQUEST, sequence)
    return false
end

-- Waits for up to so many ms. Returns the request, or nil.
local function receive(wait)
    local count = simZMQ.poll({socket}, {simZMQ.POLLIN}, math.floor(wait))
    if count == nil or count <= 0 then return nil end
    local result, data = simZMQ.recv(socket, simZMQ.DONTWAIT)
    if result == -1 or data == nil then return nil end
    return tostring(data)
end

-- For a client that gets no answer, or wants to know whether another one is driving: 'listening', 'held' and
-- the port while requests come, or what is the matter.
function laneStatus()
    local held = socket and not free and lastRequest and sim.getSystemTime() - lastRequest < config.idleSeconds
    return problem == 'listening' and held and ('held ' .. config.port) or problem
end

function sysCall_init()
    local done, failure = pcall(findObjects)
    if done then done, failure = pcall(openSocket) end
    if not done then
        problem = 'preparing failed: ' .. tostring(failure)
        socket = nil
    end
end

function sysCall_actuation()
    if pending then
        -- A step whose sensing never came, as when the main script was stopped in its middle.
        refuse(DIVERGED, pending)
        pending = nil
    end
    local deadline = sim.getSystemTime() + config.idleSeconds
    while socket do
        local data = receive(free and 0 or math.max(0, math.min(SLICE, 1000 * (deadline - sim.getSystemTime()))))
        if data then
            free = false
            lastRequest = sim.getSystemTime()
            if guarded(serve, 0, data) then break end
            deadline = sim.getSystemTime() + config.idleSeconds
        elseif free or sim.getSimulationStopping() then
            break
        elseif sim.getSystemTime() >= deadline then
            free = true
            if #missing == 0 then rest() end
            break
        end
    end
    untouched = false
end

function sysCall_sensing()
    if pending == nil or socket == nil then return end
    local sequence = pending
    pending = nil
    guarded(sendState, sequence, sequence, sim.getSimulationTimeStep())
end

function sysCall_cleanup()
    closeSocket()
    problem = 'the simulation has stopped'
end
