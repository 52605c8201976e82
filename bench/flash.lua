-- wrk: flash orders with tokens made beforehand, each line used once.
-- Words after `--`: the item, the file with one "session token address_id" per line, the number of threads.
local threads = {}

function setup(thread)
    threads[#threads + 1] = thread
    thread:set("number", #threads)
end

function init(args)
    requests, next_one = {}, 0
    placed, refused, unused = 0, 0, 0
    last_refusal = ""
    local count, index = tonumber(args[3]), 0
    local path = "/api/v1/flash-sales/" .. args[1] .. "/orders"
    for line in io.lines(args[2]) do
        index = index + 1
        if index % count == number % count then
            local session, token, address = line:match("^(%S+) (%S+) (%S+)$")
            requests[#requests + 1] = wrk.format("POST", path, {
                ["Authorization"] = "Bearer " .. session,
                ["Content-Type"] = "application/json",
                ["Idempotency-Key"] = "w" .. index,
            }, string.format('{"token":"%s","address_id":"%s","quantity":1}', token, address))
        end
    end
    again = wrk.format("GET", "/healthz")
end

-- When all tokens are used the rest of the time goes to waste: give more lines than can be sold.
function request()
    next_one = next_one + 1
    if next_one > #requests then
        unused = unused + 1
        return again
    end
    return requests[next_one]
end

function response(status, headers, body)
    if status == 201 then
        placed = placed + 1
    elseif status ~= 200 then
        refused = refused + 1
        last_refusal = body
    end
end

function done(summary, latency)
    local all_placed, all_refused, all_unused = 0, 0, 0
    for _, thread in ipairs(threads) do
        all_placed = all_placed + thread:get("placed")
        all_refused = all_refused + thread:get("refused")
        all_unused = all_unused + thread:get("unused")
    end
    for _, thread in ipairs(threads) do
        if thread:get("refused") > 0 then io.write(thread:get("last_refusal"), "\n") end
    end
    io.write(string.format("PLACED %d REFUSED %d UNUSED %d\n", all_placed, all_refused, all_unused))
end
