-- wrk: places ordinary orders, each request by another signed-in shopper and of another SKU.
-- Words after `--`: the file with one "token address_id" per line, then the SKU ids.
local threads = {}

function setup(thread)
    threads[#threads + 1] = thread
    thread:set("number", #threads)
end

function init(args)
    shoppers, skus = {}, {}
    counter, placed, refused = 0, 0, 0
    for line in io.lines(args[1]) do
        local token, address = line:match("^(%S+) (%S+)$")
        shoppers[#shoppers + 1] = { token = token, address = address }
    end
    for i = 2, #args do
        skus[#skus + 1] = args[i]
    end
    math.randomseed(number + os.time())
end

function request()
    counter = counter + 1
    local shopper = shoppers[math.random(#shoppers)]
    local body = string.format(
        '{"address_id":"%s","lines":[{"sku_id":"%s","quantity":1}]}', shopper.address, skus[math.random(#skus)]
    )
    return wrk.format("POST", "/api/v1/orders", {
        ["Authorization"] = "Bearer " .. shopper.token,
        ["Content-Type"] = "application/json",
        ["Idempotency-Key"] = string.format("b%d-%d-%d", number, counter, math.random(1000000000)),
    }, body)
end

function response(status)
    if status == 201 then placed = placed + 1 else refused = refused + 1 end
end

function done(summary, latency)
    local all_placed, all_refused = 0, 0
    for _, thread in ipairs(threads) do
        all_placed = all_placed + thread:get("placed")
        all_refused = all_refused + thread:get("refused")
    end
    io.write(string.format("PLACED %d REFUSED %d\n", all_placed, all_refused))
end
