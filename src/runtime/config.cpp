#include "runtime/config.hpp"

#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "runtime/settings.hpp"

namespace doorbuster::runtime {

namespace {

const Setting* find_setting(std::string_view key) {
    const auto& all = settings();
    const auto has_key = [&](const Setting& setting) { return setting.key == key; };
    const auto found = std::find_if(all.begin(), all.end(), has_key);
    return found == all.end() ? nullptr : &*found;
}

std::string environment_name(std::string_view key) {
    std::string name = "DOORBUSTER_";
    for (const char c : key) {
        name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    }
    return name;
}

[[noreturn]] void refuse(std::string_view where, std::string_view key, const std::string& why) {
    throw ConfigError{std::string{where} + ": " + std::string{key} + ": " + why};
}

// Puts text from a file, a variable or a flag into its setting.
class Setter {
public:
    Setter(Config& config, const Setting& setting, std::string_view where)
        : config_{config}, setting_{setting}, where_{where} {}

    void set(const std::string& text) const {
        std::visit([&](auto member) { put(member, text); }, setting_.target);
    }
    void set_list(std::vector<std::string> items) const {
        const auto* member = std::get_if<std::vector<std::string> Config::*>(&setting_.target);
        if (!member) fail("a list is not allowed here");
        for (const std::string& item : items) check_word(item);
        config_.** member = std::move(items);
    }

private:
    void put(std::int64_t Config::*member, const std::string& text) const {
        std::int64_t value = 0;
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, value);
        if (error != std::errc{} || stop != end) fail("'" + text + "' is not a whole number");
        if (value < setting_.min || value > setting_.max) {
            fail(
                text + " is not between " + std::to_string(setting_.min) + " and " +
                std::to_string(setting_.max)
            );
        }
        config_.*member = value;
    }
    void put(bool Config::*member, const std::string& text) const {
        if (text != "true" && text != "false") fail("'" + text + "' is neither true nor false");
        config_.*member = text == "true";
    }
    void put(std::string Config::*member, const std::string& text) const {
        check_word(text);
        config_.*member = text;
    }
    void put(Secret Config::*member, const std::string& text) const {
        config_.*member = Secret{text};
    }
    void put(std::vector<std::string> Config::*, const std::string& text) const {
        std::vector<std::string> items;
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find(',', begin), text.size());
            if (end > begin) items.push_back(text.substr(begin, end - begin));
            begin = end + 1;
        }
        set_list(std::move(items));
    }

    void check_word(const std::string& text) const {
        const auto& words = setting_.words;
        if (words.empty() || std::find(words.begin(), words.end(), text) != words.end()) return;
        std::string allowed;
        for (const std::string_view word : words) {
            allowed += (allowed.empty() ? "" : ", ") + std::string{word};
        }
        fail("'" + text + "' is none of " + allowed);
    }
    [[noreturn]] void fail(const std::string& why) const { refuse(where_, setting_.key, why); }

    Config& config_;
    const Setting& setting_;
    std::string_view where_;
};

void apply_list(
    const Setter& setter, const std::string& where, const std::string& key, const toml::array& array
) {
    std::vector<std::string> items;
    for (const auto& item : array) {
        if (!item.is_string()) refuse(where, key, "every item must be text");
        items.push_back(item.as_string()->get());
    }
    setter.set_list(std::move(items));
}

void apply_node(
    Config& config, const std::string& key, const toml::node& node, const std::string& where
) {
    const Setting* setting = find_setting(key);
    if (!setting) refuse(where, key, "there is no such setting");
    const Setter setter{config, *setting, where};
    const bool wants_number = std::holds_alternative<std::int64_t Config::*>(setting->target);
    const bool wants_bool = std::holds_alternative<bool Config::*>(setting->target);
    if (const auto* array = node.as_array()) {
        apply_list(setter, where, key, *array);
    } else if (node.is_integer() && wants_number) {
        setter.set(std::to_string(node.as_integer()->get()));
    } else if (node.is_boolean() && wants_bool) {
        setter.set(node.as_boolean()->get() ? "true" : "false");
    } else if (node.is_string() && !wants_number && !wants_bool) {
        setter.set(node.as_string()->get());
    } else {
        const char* wanted = wants_number ? "a whole number"
                             : wants_bool ? "true or false"
                                          : "text";
        refuse(where, key, std::string{wanted} + " is wanted");
    }
}

void apply_table(
    Config& config, const std::string& prefix, const toml::table& table, const std::string& file
) {
    for (const auto& [name, node] : table) {
        const std::string word{name.str()};
        const std::string key = prefix.empty() ? word : prefix + '.' + word;
        if (const auto* inner = node.as_table()) {
            apply_table(config, key, *inner, file);
        } else {
            apply_node(config, key, node, file + ":" + std::to_string(name.source().begin.line));
        }
    }
}

void apply_file(Config& config, const std::string& file) {
    try {
        apply_table(config, "", toml::parse_file(file), file);
    } catch (const toml::parse_error& error) {
        const std::string line = std::to_string(error.source().begin.line);
        throw ConfigError{file + ":" + line + ": " + std::string{error.description()}};
    }
}

bool is_not_a_setting(const std::string& name) {
    return name.starts_with("DOORBUSTER_TEST_") || name == "DOORBUSTER_CONFIG" ||
           name == "DOORBUSTER_SHARED";
}

void apply_environment(Config& config, const Environment& environment) {
    std::map<std::string, const Setting*> by_name;
    for (const Setting& setting : settings()) by_name[environment_name(setting.key)] = &setting;
    for (const auto& [name, value] : environment) {
        if (is_not_a_setting(name)) continue;
        const auto found = by_name.find(name);
        if (found == by_name.end()) refuse("environment", name, "there is no such setting");
        Setter{config, *found->second, "environment"}.set(value);
    }
}

struct Render {
    const Config& config;
    bool secrets_as_words;

    std::string operator()(std::int64_t Config::*member) const {
        return std::to_string(config.*member);
    }
    std::string operator()(bool Config::*member) const { return config.*member ? "true" : "false"; }
    std::string operator()(std::string Config::*member) const { return '"' + config.*member + '"'; }
    std::string operator()(Secret Config::*member) const {
        if (!secrets_as_words) return "\"\"";
        return (config.*member).empty() ? "(not set)" : "(set)";
    }
    std::string operator()(std::vector<std::string> Config::*member) const {
        std::string text = "[";
        for (const std::string& item : config.*member) {
            text += (text.size() > 1 ? ", \"" : "\"") + item + '"';
        }
        return text + ']';
    }
};

}  // namespace

bool Config::has_role(std::string_view role) const {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
}

Environment process_environment() {
    Environment variables;
    for (char** entry = environ; *entry; ++entry) {
        const std::string_view text{*entry};
        const std::size_t equals = text.find('=');
        if (text.starts_with("DOORBUSTER_") && equals != std::string_view::npos) {
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return variables;
}

Config load_config(
    const std::optional<std::string>& toml_file,
    const Environment& environment,
    const std::vector<std::pair<std::string, std::string>>& flags
) {
    Config config;
    if (toml_file) apply_file(config, *toml_file);
    apply_environment(config, environment);
    for (const auto& [key, value] : flags) {
        const Setting* setting = find_setting(key);
        if (!setting) refuse("flag", key, "there is no such setting");
        Setter{config, *setting, "flag"}.set(value);
    }
    return config;
}

std::string example_config() {
    const Config defaults;
    std::string text =
        "# Every setting of Doorbuster with its default. A key `a.b` is also the environment "
        "variable\n"
        "# DOORBUSTER_A_B, which wins over this file, and the flag `--set a.b=value`, which wins "
        "over both.\n";
    std::string section;
    for (const Setting& setting : settings()) {
        const std::size_t dot = setting.key.find('.');
        const bool top = dot == std::string_view::npos;
        const std::string_view in = top ? "" : setting.key.substr(0, dot);
        const std::string_view name = top ? setting.key : setting.key.substr(dot + 1);
        if (in != section) text += "\n[" + (section = std::string{in}) + "]\n";
        text += "\n# " + std::string{setting.help} + '\n';
        text += "# " + std::string{name} + " = " +
                std::visit(Render{defaults, false}, setting.target) + '\n';
    }
    return text;
}

std::string describe(const Config& config) {
    std::string text;
    for (const Setting& setting : settings()) {
        text += std::string{setting.key} + " = " +
                std::visit(Render{config, true}, setting.target) + '\n';
    }
    return text;
}

}  // namespace doorbuster::runtime
