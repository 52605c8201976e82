// The file of settings, and one setting of the environment: the first line of an input.
#include "fuzz/file.hpp"
#include "fuzz/fuzz.hpp"
#include "runtime/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace doorbuster;
    using fuzz::demand;
    fuzz::Input input{data, size};
    const std::string value{input.line()};
    const fuzz::File file{input.rest()};
    try {
        const auto config =
            runtime::load_config(file.path(), {{"DOORBUSTER_WECHAT_PAY_APIV3_KEY", value}}, {});
        demand(config.wechat_pay_apiv3_key.reveal() == value, "the environment wins over the file");
        demand(config.port >= 0 && config.port <= 65'535, "a port is one");
        demand(config.orders_unpaid_minutes >= 1, "an order can be paid for a time");
        demand(config.database_connections >= 1, "there is a connection");
        auto other = config;
        other.wechat_pay_apiv3_key = Secret{value + "x"};
        const bool told = runtime::describe(config) != runtime::describe(other);
        demand(!told || value.empty(), "a secret is not told");
    } catch (const runtime::ConfigError& error) {
        demand(error.what()[0] != '\0', "what is wrong is told");
    }
    return 0;
}
