#include "app/first_start.hpp"

#include <sstream>

#include "app/command_error.hpp"
#include "catalog/exchange/csv_reader.hpp"
#include "catalog/exchange/product_import.hpp"
#include "http/page_policy.hpp"
#include "resources/resources.hpp"

namespace doorbuster::app {

namespace {

// The demo shopper is for looking around on one's own machine; the name and the password are no
// secret, and a shop that is not a demo never has it.
const DemoShopper kDemoShopper{"demo", "demo-shopper"};

bool has_products(sql::Database& database) {
    static constexpr std::string_view kText = "SELECT 1 FROM products LIMIT 1";
    static constexpr sql::Statement kAny{"app.any_product", kText, kText};
    return database.read_blocking([](sql::Reader& reader) {
        return reader.find(kAny, {}, [](const sql::Row&) { return true; }).has_value();
    });
}

std::string_view embedded(std::string_view path) {
    for (const resources::File& file : resources::files()) {
        if (file.path == path) return file.content;
    }
    throw CommandError{std::string{path} + " is not in this program"};
}

class DemoListener final : public catalog::ImportListener {
public:
    void row_refused(const catalog::RowError& error) override {
        throw CommandError{
            "demo catalogue, line " + std::to_string(error.line) + ": " + error.reason};
    }
};

constexpr std::string_view kWelcomePage = R"html(<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Doorbuster: first administrator</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, "Noto Sans SC", sans-serif; }
body { max-width: 26rem; margin: 4rem auto; padding: 0 1.5rem; }
label { display: block; margin-top: 1rem; } input, button { font: inherit; padding: .5rem .7rem; width: 100%; box-sizing: border-box; }
button { margin-top: 1.5rem; background: #c2410c; color: #fff; border: 0; border-radius: .4rem; cursor: pointer; }
output { display: block; margin-top: 1rem; min-height: 1.5em; }
</style>
<h1>Welcome 欢迎</h1>
<p>Choose the name and password of the first administrator. This link works once. 设置首位管理员的用户名和密码，链接只能使用一次。</p>
<form>
<label>User name 用户名<input name="username" autocomplete="username" required minlength="3" maxlength="32"></label>
<label>Password 密码<input name="password" type="password" autocomplete="new-password" required minlength="8" maxlength="128"></label>
<button>Create 创建</button><output role="status"></output>
</form>
<script>
const form = document.querySelector("form"), output = document.querySelector("output");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = location.pathname.split("/").pop();
  const body = JSON.stringify({ username: form.username.value, password: form.password.value });
  const answer = await fetch("/api/v1/admin-invitations/" + encodeURIComponent(token),
    { method: "POST", headers: { "Content-Type": "application/json" }, body });
  const result = await answer.json();
  const details = (result.details || []).map((d) => `${d.field}: ${d.reason}`).join("; ");
  output.textContent = answer.ok ? `Done: ${result.data.username} is an administrator. 已创建管理员。`
    : [result.msg, details].filter(Boolean).join(" ");
  if (answer.ok) form.querySelector("button").disabled = true;
});
</script>)html";

}  // namespace

std::optional<DemoShopper> load_demo(BackOffice& office, sql::Database& database) {
    if (has_products(database)) return std::nullopt;
    std::istringstream catalogue{std::string{embedded("resources/demo/catalogue.csv")}};
    DemoListener listener;
    catalog::ProductImport import{database, office.import_services(), {}, listener};
    const auto loaded = import.run(catalog::bytes_of(catalogue));
    if (loaded.has_error()) throw CommandError{std::string{loaded.error().kind().message}};

    const std::string hash = office.accounts().hasher.hash_blocking(Secret{kDemoShopper.password});
    const auto create_in = [&](sql::Transaction& tx) -> Result<accounts::User> {
        return office.accounts().users.create(tx, {kDemoShopper.username, hash, {}});
    };
    const auto created = database.write_blocking(create_in);
    if (created.has_error() && created.error().kind().condition != Condition::conflict) {
        throw CommandError{std::string{created.error().kind().message}};
    }
    return kDemoShopper;
}

std::optional<std::string> invite_first_admin(
    accounts::Accounts& accounts, sql::Database& database
) {
    const auto has_admin = [&](sql::Reader& reader) { return accounts.users.has_admin(reader); };
    if (database.read_blocking(has_admin)) return std::nullopt;
    const auto invite = [&](sql::Transaction& tx) {
        return accounts.users.invite_admin(
            tx, std::nullopt, accounts.settings.invitation_valid_for
        );
    };
    return database.write_blocking(invite).token.reveal();
}

http::Route welcome_route() {
    const auto show = [policy = http::page_policy(kWelcomePage)](http::Request&) {
        http::Response page{200, "text/html; charset=utf-8", std::string{kWelcomePage}, {}, {}};
        page.with("Cache-Control", "no-store");
        page.with("Content-Security-Policy", policy);
        return page;
    };
    return {http::Method::get, "/welcome/{token}", http::Access::anyone(), http::SyncHandler{show}};
}

}  // namespace doorbuster::app
