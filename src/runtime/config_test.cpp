#include "runtime/config.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace doorbuster::runtime {
namespace {

class ConfigFile : public testing::Test {
protected:
    ~ConfigFile() override { std::filesystem::remove(path_); }

    std::string write(const std::string& text) {
        std::ofstream{path_} << text;
        return path_;
    }
    std::string refusal(const std::string& toml, const Environment& environment = {}) {
        try {
            (void)load_config(write(toml), environment, {});
            return "";
        } catch (const ConfigError& error) {
            return error.what();
        }
    }

    std::string path_ =
        testing::TempDir() + "doorbuster_config_" + std::to_string(::getpid()) + ".toml";
};

TEST_F(ConfigFile, the_later_source_wins) {
    const std::string file = write("port = 1\n[orders]\nunpaid_minutes = 7\nunpaid_max = 3\n");
    const Environment environment{{"DOORBUSTER_PORT", "2"}, {"DOORBUSTER_ORDERS_UNPAID_MAX", "4"}};
    const Config config = load_config(file, environment, {{"port", "3"}});
    EXPECT_EQ(config.port, 3);
    EXPECT_EQ(config.orders_unpaid_max, 4);
    EXPECT_EQ(config.orders_unpaid_minutes, 7);
    EXPECT_EQ(config.host, "127.0.0.1");
}

TEST_F(ConfigFile, reads_every_kind_of_value) {
    const Config config = load_config(
        write("roles = ['shop', 'worker']\n[server]\naccess_log = false\n[database]\nurl = "
              "'postgresql://x'\n"),
        {{"DOORBUSTER_SERVER_TRUSTED_PROXIES", "10.0.0.0/8,::1"}},
        {}
    );
    EXPECT_EQ(config.roles, (std::vector<std::string>{"shop", "worker"}));
    EXPECT_TRUE(config.has_role("worker"));
    EXPECT_FALSE(config.has_role("sandbox"));
    EXPECT_FALSE(config.server_access_log);
    EXPECT_EQ(config.database_url.reveal(), "postgresql://x");
    EXPECT_EQ(config.server_trusted_proxies, (std::vector<std::string>{"10.0.0.0/8", "::1"}));
}

TEST_F(ConfigFile, a_mistake_is_named_with_its_place) {
    EXPECT_EQ(refusal("\nprot = 1\n"), path_ + ":2: prot: there is no such setting");
    EXPECT_EQ(refusal("port = 'x'\n"), path_ + ":1: port: a whole number is wanted");
    EXPECT_EQ(refusal("port = 70000\n"), path_ + ":1: port: 70000 is not between 0 and 65535");
    EXPECT_EQ(
        refusal("[log]\nlevel = 'loud'\n"),
        path_ + ":2: log.level: 'loud' is none of debug, info, warn, error"
    );
    EXPECT_EQ(
        refusal("roles = ['shop', 'cook']\n"),
        path_ + ":1: roles: 'cook' is none of shop, pay, worker, sandbox"
    );
    EXPECT_EQ(
        refusal("", {{"DOORBUSTER_PORTS", "1"}}),
        "environment: DOORBUSTER_PORTS: there is no such setting"
    );
    EXPECT_EQ(
        refusal("", {{"DOORBUSTER_PORT", "80x"}}), "environment: port: '80x' is not a whole number"
    );
    EXPECT_NE(refusal("port = \n").find(path_ + ":1: "), std::string::npos);
}

TEST_F(ConfigFile, variables_of_the_tests_are_left_alone) {
    EXPECT_EQ(refusal("", {{"DOORBUSTER_TEST_POSTGRES", "x"}}), "");
}

TEST_F(ConfigFile, the_example_is_valid_and_lists_every_key) {
    const std::string example = example_config();
    // Without the comment signs it must load, and give the defaults.
    std::string active;
    for (std::size_t begin = 0; begin < example.size();) {
        const std::size_t end = example.find('\n', begin);
        std::string line = example.substr(begin, end - begin);
        const bool is_setting = line.starts_with("# ") && line.find(" = ") != std::string::npos;
        if (is_setting) active += line.substr(2) + '\n';
        if (line.starts_with('[')) active += line + '\n';
        begin = end + 1;
    }
    const Config config = load_config(write(active), {}, {});
    EXPECT_EQ(describe(config), describe(Config{}));
}

TEST_F(ConfigFile, the_example_in_the_repository_is_this_one) {
    std::ifstream in{std::string{DOORBUSTER_SOURCE_DIR} + "/config/doorbuster.toml"};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    EXPECT_EQ(text, example_config())
        << "run: doorbuster config --example > config/doorbuster.toml";
}

TEST_F(ConfigFile, secrets_are_not_described) {
    const Config config = load_config({}, {{"DOORBUSTER_WECHAT_PAY_APIV3_KEY", "hush"}}, {});
    EXPECT_EQ(describe(config).find("hush"), std::string::npos);
    EXPECT_NE(describe(config).find("wechat_pay.apiv3_key = (set)"), std::string::npos);
}

}  // namespace
}  // namespace doorbuster::runtime
