#include <unistd.h>

#include <boost/json/value.hpp>
#include <cstdio>
#include <iostream>

#include "app/command.hpp"
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

CLI::App* add_action(
    CLI::App& command,
    Action& chosen,
    const char* name,
    const char* help,
    Doing doing,
    const std::shared_ptr<UserWords>& words
) {
    auto* action = command.add_subcommand(name, help);
    action->callback([&chosen, doing, words] {
        chosen = [doing, words](const CommonOptions& common) {
            LocalApi api{common.load()};
            return doing(api, *words);
        };
    });
    return action;
}

}  // namespace

void add_user(CLI::App& cli, Action& chosen) {
    auto* command =
        cli.add_subcommand("user", "List, create and change users, while the server runs or not");
    command->require_subcommand(1);
    const auto words = std::make_shared<UserWords>();
    const auto named = [&](CLI::App* action) {
        action->add_option("name", words->name)->required();
    };
    const auto with_rights = [&](CLI::App* action) {
        action
            ->add_option(
                "--rights",
                words->rights,
                "catalog, orders, marketing, finance, admin; none: a shopper"
            )
            ->delimiter(',')
            ->check(CLI::IsMember({"catalog", "orders", "marketing", "finance", "admin"}));
    };
    auto* list = add_action(*command, chosen, "list", "Newest first", list_users, words);
    list->add_option("--name", words->query, "part of the user name");
    auto* create = add_action(
        *command, chosen, "create", "The password is read from standard input", create_user, words
    );
    named(create);
    with_rights(create);
    named(add_action(
        *command,
        chosen,
        "password",
        "Set a new password, read from standard input",
        set_password,
        words
    ));
    auto* rights =
        add_action(*command, chosen, "rights", "Set the rights of a user", set_rights, words);
    named(rights);
    with_rights(rights);
    auto* disable = add_action(
        *command, chosen, "disable", "Lock a user out (--undo lets in again)", set_disabled, words
    );
    named(disable);
    words->disabled = true;
    disable->add_flag_callback("--undo", [words] { words->disabled = false; });
    add_action(
        *command, chosen, "invite", "Make a one-time link for a new administrator", invite, words
    );
}

}  // namespace doorbuster::app
