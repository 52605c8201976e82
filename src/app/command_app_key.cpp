#include <boost/json/value.hpp>
#include <cstdio>
#include <memory>

#include "app/command_line.hpp"
#include "app/local_api.hpp"

namespace doorbuster::app {

namespace {

namespace json = boost::json;

constexpr const char* kApps = "/local/v1/pay-apps";

struct AppKeyWords {
    std::string name;
    std::string notify_url;
    std::string return_url;
    std::string key;
    int overlap_hours = 24;
};

std::string text_or(const json::value& value, const char* otherwise) {
    return value.is_string() ? std::string{value.as_string()} : std::string{otherwise};
}

std::string path_of(const AppKeyWords& words) {
    return std::string{kApps} + "/" + words.name + "/keys";
}

int list_apps(LocalApi& api, const AppKeyWords&) {
    const json::value data = api.get(kApps);
    for (const json::value& app : data.at("list").as_array()) {
        std::printf(
            "%s  %s%s\n",
            app.at("name").as_string().c_str(),
            text_or(app.at("notify_url"), "told nothing").c_str(),
            app.at("enabled").as_bool() ? "" : "  disabled"
        );
        const json::value& until = app.at("old_signing_secret_until");
        if (until.is_string()) {
            std::printf(
                "    an older signing secret signs too until %s\n", until.as_string().c_str()
            );
        }
        for (const json::value& key : app.at("keys").as_array()) {
            std::printf(
                "    key %s  since %s\n",
                key.at("id").as_string().c_str(),
                key.at("created_at").as_string().c_str()
            );
        }
    }
    return 0;
}

int create_app(LocalApi& api, const AppKeyWords& words) {
    json::object body{{"name", words.name}};
    if (!words.notify_url.empty()) body["notify_url"] = words.notify_url;
    if (!words.return_url.empty()) body["return_url"] = words.return_url;
    const json::value app = api.send("POST", kApps, body);
    std::printf(
        "key             %s\nsigning secret  %s\nNeither is shown again.\n",
        app.at("key").as_string().c_str(),
        app.at("signing_secret").as_string().c_str()
    );
    return 0;
}

int rotate_key(LocalApi& api, const AppKeyWords& words) {
    const json::value app = api.send("POST", path_of(words), json::object{});
    std::printf(
        "key             %s\nIt is not shown again. The older key stays good until it is "
        "revoked:\n",
        app.at("key").as_string().c_str()
    );
    const json::array& keys = app.at("keys").as_array();
    std::printf(
        "    doorbuster app-key revoke %s %s\n",
        words.name.c_str(),
        keys.front().at("id").as_string().c_str()
    );
    return 0;
}

int revoke_key(LocalApi& api, const AppKeyWords& words) {
    const json::value app = api.send("DELETE", path_of(words) + "/" + words.key, nullptr);
    std::printf("%s has %zu keys left.\n", words.name.c_str(), app.at("keys").as_array().size());
    return 0;
}

int rotate_signing_secret(LocalApi& api, const AppKeyWords& words) {
    const std::string path = std::string{kApps} + "/" + words.name + "/signing-secret";
    const json::object body{{"overlap_hours", words.overlap_hours}};
    const json::value made = api.send("POST", path, body);
    std::printf(
        "signing secret  %s\nIt is not shown again. ", made.at("signing_secret").as_string().c_str()
    );
    const json::value& until = made.at("old_signing_secret_until");
    if (until.is_string()) {
        std::printf("Both this and the older one sign until %s.\n", until.as_string().c_str());
    } else {
        std::printf("The older one ended.\n");
    }
    return 0;
}

using Doing = int (*)(LocalApi&, const AppKeyWords&);

}  // namespace

void add_app_key(CommandLine cli) {
    CommandLine command = cli.command(
        "app-key", "Keys of order systems that use the payment API, while the server runs or not"
    );
    command.needs_command();
    const auto words = std::make_shared<AppKeyWords>();
    const auto add = [&](const char* name, const char* help, Doing doing) {
        CommandLine action = command.command(name, help);
        action.does([doing, words](const CommonOptions& common) {
            LocalApi api{common.load()};
            return doing(api, *words);
        });
        return action;
    };
    const auto add_named = [&](const char* name, const char* help, Doing doing) {
        CommandLine action = add(name, help, doing);
        action.option("name", words->name, "the app's name").required();
        return action;
    };
    add("list", "Apps, where they are told, and their keys", list_apps);
    CommandLine create =
        add_named("create", "Add an app; shows its key and signing secret", create_app);
    create.option("--notify-url", words->notify_url, "where it is told what happened");
    create.option("--return-url", words->return_url, "where buyers come back to from a provider");
    add_named("rotate", "Make a second key; the first stays good", rotate_key);
    add_named("revoke", "Make a key worthless at once", revoke_key)
        .option("key", words->key, "the id of the key, as `list` shows it")
        .required();
    add_named("rotate-secret", "Make a new signing secret", rotate_signing_secret)
        .option(
            "--overlap-hours",
            words->overlap_hours,
            "how long the older one signs, too; 0: no longer"
        );
}

}  // namespace doorbuster::app
