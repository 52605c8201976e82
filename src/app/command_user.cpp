#include <unistd.h>

#include <boost/json/value.hpp>
#include <cstdio>
#include <iostream>
#include <memory>

#include "app/command_line.hpp"
#include "app/local_api.hpp"

namespace doorbuster::app {

namespace {

namespace json = boost::json;

struct UserWords {
    std::string name;
    std::string query;
    std::vector<std::string> rights;
    bool disabled = false;
};

// The first line of standard input, so that a password stands in no command line and no history.
std::string read_password() {
    if (::isatty(STDIN_FILENO))
        std::fputs("Password (will be shown; pipe it in to avoid that): ", stderr);
    std::string password;
    std::getline(std::cin, password);
    return password;
}

json::array rights_of(const UserWords& words) {
    return json::array(words.rights.begin(), words.rights.end());
}

std::string text_of(const json::value& user) {
    std::string rights;
    for (const json::value& right : user.at("rights").as_array()) {
        rights += (rights.empty() ? "" : ",") + std::string{right.as_string()};
    }
    return std::string{user.at("id").as_string()} + "  " +
           std::string{user.at("username").as_string()} + "  " +
           (rights.empty() ? "shopper" : rights) +
           (user.at("disabled").as_bool() ? "  disabled" : "");
}

int list_users(LocalApi& api, const UserWords& words) {
    const json::value data = api.get("/local/v1/users?page_size=100&q=" + words.query);
    for (const json::value& user : data.at("list").as_array())
        std::printf("%s\n", text_of(user).c_str());
    const auto total = data.at("total").to_number<std::int64_t>();
    if (total > 100)
        std::printf("… %lld in all; narrow it with --name\n", static_cast<long long>(total));
    return 0;
}

int create_user(LocalApi& api, const UserWords& words) {
    const json::object body{
        {"username", words.name}, {"password", read_password()}, {"rights", rights_of(words)}};
    std::printf("%s\n", text_of(api.send("POST", "/local/v1/users", body)).c_str());
    return 0;
}

int set_password(LocalApi& api, const UserWords& words) {
    const json::object body{{"password", read_password()}};
    api.send("PUT", "/local/v1/users/" + words.name + "/password", body);
    std::printf("The password of %s is changed; all sessions have ended.\n", words.name.c_str());
    return 0;
}

int set_rights(LocalApi& api, const UserWords& words) {
    const json::object body{{"rights", rights_of(words)}};
    std::printf("%s\n", text_of(api.send("PATCH", "/local/v1/users/" + words.name, body)).c_str());
    return 0;
}

int set_disabled(LocalApi& api, const UserWords& words) {
    const json::object body{{"disabled", words.disabled}};
    std::printf("%s\n", text_of(api.send("PATCH", "/local/v1/users/" + words.name, body)).c_str());
    return 0;
}

int invite(LocalApi& api, const UserWords&) {
    const json::value data = api.send("POST", "/local/v1/admin-invitations", json::object{});
    std::printf(
        "POST {\"username\":…,\"password\":…} once, before %s, to\n/api/v1/admin-invitations/%s\n",
        data.at("expires_at").as_string().c_str(),
        data.at("token").as_string().c_str()
    );
    return 0;
}

using Doing = int (*)(LocalApi&, const UserWords&);

CommandLine add_action(
    CommandLine& command,
    const char* name,
    const char* help,
    Doing doing,
    const std::shared_ptr<UserWords>& words
) {
    CommandLine action = command.command(name, help);
    action.does([doing, words](const CommonOptions& common) {
        LocalApi api{common.load()};
        return doing(api, *words);
    });
    return action;
}

}  // namespace

void add_user(CommandLine cli) {
    CommandLine command =
        cli.command("user", "List, create and change users, while the server runs or not");
    command.needs_command();
    const auto words = std::make_shared<UserWords>();
    const auto add = [&](const char* name, const char* help, Doing doing) {
        return add_action(command, name, help, doing, words);
    };
    const auto add_named = [&](const char* name, const char* help, Doing doing) {
        CommandLine action = add(name, help, doing);
        action.option("name", words->name).required();
        return action;
    };
    const auto with_rights = [&](CommandLine action) {
        action
            .option(
                "--rights",
                words->rights,
                "catalog, orders, marketing, finance, admin; none: a shopper"
            )
            .comma_separated()
            .one_of({"catalog", "orders", "marketing", "finance", "admin"});
    };
    add("list", "Newest first", list_users).option("--name", words->query, "part of the user name");
    with_rights(add_named("create", "The password is read from standard input", create_user));
    add_named("password", "Set a new password, read from standard input", set_password);
    with_rights(add_named("rights", "Set the rights of a user", set_rights));
    words->disabled = true;
    add_named("disable", "Lock a user out (--undo lets in again)", set_disabled)
        .flag_off("--undo", words->disabled);
    add("invite", "Make a one-time link for a new administrator", invite);
}

}  // namespace doorbuster::app
