-- A small stand-in for CoppeliaSim's `sim` and `simZMQ`: joints, poses, contacts, a clock and a queue of messages.
-- Joints move as told, exactly; what is grasped and touched is what a test puts into `world`.

world = {
    objects = {}, handles = {}, contacts = {}, time = 0, clock = 0, stopping = false, resets = {}, polls = {},
    inbox = {}, outbox = {}, options = {}, sockets = 0, contexts = 0, bound = nil, bindFails = false, sendFails = false,
}

function addObject(path, object)
    object.path = path
    object.handle = #world.handles + 17
    world.handles[#world.handles + 1] = object.handle
    world.objects[object.handle] = object
    return object.handle
end

local function at(handle, what)
    local object = world.objects[handle]
    if object == nil then error('object does not exist.') end
    if what ~= nil and object[what] == nil then error('object is not of the expected type.') end
    return object
end

local function byPath(path)
    for _, handle in ipairs(world.handles) do
        if world.objects[handle] and world.objects[handle].path == path then return handle end
    end
end

sim = {
    handle_all = -2, jointmode_dynamic = 5, jointintparam_dynctrlmode = 2039, jointdynctrl_velocity = 4,
    getObject = function(path, options)
        local handle = byPath(path)
        if handle == nil and not (options and options.noError) then error('object does not exist, or alias/path is ill formatted.') end
        return handle or -1
    end,
    getObjectsInTree = function(handle)
        local root, found = at(handle).path, {}
        for _, each in ipairs(world.handles) do
            local path = world.objects[each].path
            if path == root or path:sub(1, #root + 1) == root .. '/' then found[#found + 1] = each end
        end
        return found
    end,
    setObjectInt32Param = function(handle, key, value) at(handle).mode = {key, value} return 1 end,
    setJointMode = function(handle, mode) at(handle, 'position').jointMode = mode end,
    setJointTargetForce = function(handle, force) at(handle, 'position').force = force return 1 end,
    getJointPosition = function(handle) return at(handle, 'position').position end,
    setJointPosition = function(handle, position) at(handle, 'position').position = position end,
    getJointVelocity = function(handle) return at(handle, 'position').velocity or 0 end,
    setJointTargetVelocity = function(handle, velocity) at(handle, 'position').target = velocity return 1 end,
    getObjectPose = function(handle) return {table.unpack(at(handle, 'pose').pose)} end,
    getObjectPosition = function(handle) return {table.unpack(at(handle, 'pose').pose, 1, 3)} end,
    setObjectPosition = function(handle, position) for i = 1, 3 do at(handle, 'pose').pose[i] = position[i] end return 1 end,
    setObjectQuaternion = function(handle, q) for i = 1, 4 do at(handle, 'pose').pose[3 + i] = q[i] end return 1 end,
    resetDynamicObject = function(handle) at(handle) world.resets[#world.resets + 1] = handle return 1 end,
    getContactInfo = function(pass, handle, index)
        local found = {}
        for _, contact in ipairs(world.contacts) do
            if contact[1] == handle or contact[2] == handle then found[#found + 1] = contact end
        end
        local contact = found[index + 1]
        if contact == nil then return nil end
        return {contact[1], contact[2]}, {0, 0, 0}, contact[3] or {0, 0, 0}, {0, 0, 1}
    end,
    getSimulationTime = function() return world.time end,
    getSimulationTimeStep = function() return 0.05 end,
    getSimulationStopping = function() return world.stopping end,
    getSystemTime = function() return world.clock end,
    packInt32Table = function(values) return string.pack('<' .. ('i4'):rep(#values), table.unpack(values)) end,
    packDoubleTable = function(values)
        local packed = {}
        for i, value in ipairs(values) do packed[i] = string.pack('<d', value) end
        return table.concat(packed)
    end,
    unpackDoubleTable = function(data)
        local values = {}
        for i = 1, #data // 8 do values[i] = string.unpack('<d', data, 8 * i - 7) end
        return values
    end,
}

simZMQ = {
    REP = 4, LINGER = 17, POLLIN = 1, DONTWAIT = 1,
    ctx_new = function() world.contexts = world.contexts + 1 return 'context' end,
    ctx_term = function() world.contexts = world.contexts - 1 return 0 end,
    socket = function() world.sockets = world.sockets + 1 return 'socket' end,
    close = function() world.sockets = world.sockets - 1 world.bound = nil return 0 end,
    setsockopt = function(_, option, value) world.options[option] = string.unpack('<i4', value) return 0 end,
    bind = function(_, address)
        if world.bindFails then return -1 end
        world.bound = address
        return 0
    end,
    errnum = function() return 98 end,
    strerror = function() return 'Address already in use' end,
    -- Waiting is what makes the clock go; what a test has scheduled for later arrives then.
    poll = function(_, _, wait)
        world.polls[#world.polls + 1] = wait
        if #world.inbox == 0 then world.clock = world.clock + math.max(wait, 1) / 1000 end
        if world.onPoll then world.onPoll() end
        return #world.inbox > 0 and 1 or 0, {0}
    end,
    recv = function() return 0, table.remove(world.inbox, 1) end,
    send = function(_, message)
        if world.sendFails then
            world.sendFails = false
            return -1
        end
        world.outbox[#world.outbox + 1] = message
        return #message
    end,
}

package.preload['sim'] = function() return sim end
package.preload['simZMQ'] = function() return simZMQ end

-- One pass of the main script: actuation, physics, sensing; the clock goes on after sensing, as the real one's.
function simulate()
    sysCall_actuation()
    for _, handle in ipairs(world.handles) do
        local object = world.objects[handle]
        if object and object.position and object.target then
            object.position = object.position + 0.05 * object.target
            if object.maximum then object.position = math.max(0, math.min(object.maximum, object.position)) end
            object.velocity = object.target
        end
    end
    sysCall_sensing()
    world.time = world.time + 0.05
end
