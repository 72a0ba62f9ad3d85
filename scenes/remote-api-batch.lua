-- graspbridge remote-api batch 1
--
-- Many calls in one exchange: batch(calls) carries them out in order and returns one result for each.
-- A call is {name, number of arguments, arguments}; a result is {true, number of values, values...} or {false, message}.
-- The flag comes first because a table that begins with nil would reach the client as something else than a list.

sim = require 'sim'

local found = {}

-- The function of that name in one of the simulator's own modules: 'sim.getObject', 'simIK.createEnvironment'.
local function find(name)
    local known = found[name]
    if known then return known end
    local module = type(name) == 'string' and name:match('^(sim%w*)%.[%w_.]+$')
    if not module then return nil end
    if _G[module] == nil then
        local ok, loaded = pcall(require, module)
        if not ok then return nil end
        _G[module] = loaded
    end
    local value = _G
    for part in name:gmatch('[^.]+') do
        if type(value) ~= 'table' then return nil end
        value = value[part]
    end
    if type(value) ~= 'function' then return nil end
    found[name] = value
    return value
end

-- Whether the remote API can send a value. Its server breaks down over one that it cannot, and forgets all its clients.
local function sendable(value, depth)
    local kind = type(value)
    if kind == 'nil' or kind == 'boolean' or kind == 'number' or kind == 'string' then return true end
    if isbuffer and isbuffer(value) then return true end
    if kind ~= 'table' or depth == 0 then return false end
    for key, item in pairs(value) do
        if not sendable(key, 0) or not sendable(item, depth - 1) then return false end
    end
    return true
end

local function call(name, count, arguments)
    local func = find(name)
    if not func then return {false, 'No such function: ' .. tostring(name)} end
    local returned = table.pack(pcall(func, table.unpack(arguments, 1, count)))
    if not returned[1] then return {false, tostring(returned[2])} end
    local result = {true, returned.n - 1}
    for i = 2, returned.n do
        if not sendable(returned[i], 16) then
            return {false, 'in ' .. name .. ': a result is a ' .. type(returned[i]) .. ', which cannot be sent.'}
        end
        result[i + 1] = returned[i]
    end
    return result
end

function batch(calls)
    local results = {}
    for i = 1, #calls do
        local entry = calls[i]
        results[i] = call(entry[1], entry[2], entry[3])
    end
    return results
end
