#include "adapters/sqlite/connection.hpp"

#include <sqlite3.h>

#include <charconv>

#include "adapters/sqlite/sqlite_errors.hpp"
#include "ports/sql_text.hpp"

namespace doorbuster::sqlite {

namespace {

// The number in "$12", or 0.
int number_of(const char* name) {
    if (!name || name[0] != '$') return 0;
    const std::string_view digits{name + 1};
    int number = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
    return error == std::errc{} && end == digits.end() ? number : 0;
}

std::vector<int> parameter_indexes(sqlite3_stmt* statement, std::string_view text) {
    std::vector<int> index_of;
    const int count = sqlite3_bind_parameter_count(statement);
    for (int index = 1; index <= count; ++index) {
        const int number = number_of(sqlite3_bind_parameter_name(statement, index));
        if (number < 1) throw sql::Error{"parameters are $1, $2, …: " + std::string{text}};
        const auto place = static_cast<std::size_t>(number - 1);
        if (index_of.size() <= place) index_of.resize(place + 1, 0);
        index_of[place] = index;
    }
    return index_of;
}

// True for what reads or changes rows; false for CREATE, PRAGMA and the like.
bool changes_are_counted(sqlite3_stmt* statement, std::string_view text) {
    if (sqlite3_stmt_readonly(statement) != 0) return true;
    const auto begin = text.find_first_not_of(" \n\t");
    const std::string_view from = begin == text.npos ? text : text.substr(begin);
    for (const std::string_view word : {"INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"}) {
        if (from.starts_with(word)) return true;
    }
    return false;
}

// The per-allocation statistics of SQLite take a lock that all connections share.
void configure_library_once() {
    static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(done);
}

}  // namespace

void CloseDatabase::operator()(sqlite3* db) const { sqlite3_close_v2(db); }
void FinalizeStatement::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Connection::Connection(const std::filesystem::path& file, Access access) {
    configure_library_once();
    const int how = access == Access::read_only ? SQLITE_OPEN_READONLY
                                                : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    sqlite3* db = nullptr;
    const int code = sqlite3_open_v2(
        file.c_str(), &db, how | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr
    );
    db_.reset(db);
    if (code != SQLITE_OK) throw_error(db, code, "cannot open " + file.string());
}

int Connection::try_run(const char* text) {
    return sqlite3_exec(db_.get(), text, nullptr, nullptr, nullptr);
}

void Connection::run(const char* text) {
    const int code = try_run(text);
    if (code != SQLITE_OK) throw_error(db_.get(), code, text);
}

void Connection::run_script(std::string_view script) { run(std::string{script}.c_str()); }

std::string Connection::ask(const char* text) {
    Prepared prepared = prepare(text, false);
    Run once{*this, prepared, text};
    if (!once.step()) return {};
    const auto* value = sqlite3_column_text(once.statement(), 0);
    return value ? reinterpret_cast<const char*>(value) : "";
}

Prepared Connection::prepare(std::string_view text, bool keep) {
    sqlite3_stmt* statement = nullptr;
    const unsigned how = keep ? SQLITE_PREPARE_PERSISTENT : 0;
    const int code = sqlite3_prepare_v3(
        db_.get(), text.data(), static_cast<int>(text.size()), how, &statement, nullptr
    );
    StatementHandle handle{statement};
    if (code != SQLITE_OK) throw_error(db_.get(), code, text);
    if (!statement) throw sql::Error{"an empty statement"};
    auto indexes = parameter_indexes(statement, text);
    const bool counted = changes_are_counted(statement, text);
    return {std::move(handle), std::move(indexes), text.data(), text.size(), counted};
}

Prepared& Connection::cached(const void* key, std::string_view text) {
    const auto found = statements_.find(key);
    if (found == statements_.end()) {
        return statements_.emplace(key, prepare(text, true)).first->second;
    }
    Prepared& prepared = found->second;
    // Constants never change; a statement built at run time may reuse the address of an older one.
    if (prepared.text != text.data() || prepared.text_size != text.size()) {
        prepared = prepare(text, true);
    }
    return prepared;
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }

Run::Run(Connection& connection, Prepared& prepared, std::string_view name)
    : connection_{connection}, prepared_{prepared}, name_{name} {
    if (prepared_.busy) throw sql::Error{std::string{name} + ": run inside its own row callback"};
    prepared_.busy = true;
}

Run::~Run() {
    sqlite3_reset(prepared_.handle.get());
    prepared_.busy = false;
}

void Run::again() { sqlite3_reset(prepared_.handle.get()); }

void Run::bind(std::span<const sql::Param> params) {
    if (params.size() != prepared_.index_of.size()) {
        throw sql::Error{
            std::string{name_} + ": " + std::to_string(params.size()) + " parameters for " +
            std::to_string(prepared_.index_of.size())};
    }
    for (std::size_t i = 0; i < params.size(); ++i) {
        if (const int index = prepared_.index_of[i]; index > 0) bind_one(index, params[i]);
    }
}

void Run::bind_one(int index, const sql::Param& param) {
    using Kind = sql::Param::Kind;
    sqlite3_stmt* const statement = prepared_.handle.get();
    const std::string_view text = param.text();
    // A null pointer would bind NULL instead of an empty value.
    const char* const data = text.data() ? text.data() : "";
    int code = SQLITE_OK;
    switch (param.kind()) {
        case Kind::null:
            code = sqlite3_bind_null(statement, index);
            break;
        case Kind::integer:
            code = sqlite3_bind_int64(statement, index, param.integer());
            break;
        case Kind::real:
            sql::require_storable(param);
            code = sqlite3_bind_double(statement, index, param.real());
            break;
        case Kind::text:
            sql::require_storable(param);
            code = sqlite3_bind_text64(
                statement, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8
            );
            break;
        case Kind::bytes:
            code = sqlite3_bind_blob64(statement, index, data, text.size(), SQLITE_STATIC);
            break;
    }
    if (code != SQLITE_OK) throw_error(connection_.get(), code, name_);
}

bool Run::step() {
    const int code = sqlite3_step(prepared_.handle.get());
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) throw_error(connection_.get(), code, name_);
    return false;
}

std::string bulk_text(const sql::BulkInsert& insert) {
    std::string text = "INSERT INTO " + std::string{insert.table} + " (";
    std::string values;
    for (std::size_t i = 0; i < insert.columns.size(); ++i) {
        if (i > 0) text += ", ", values += ", ";
        text += insert.columns[i].name;
        values += '$';
        values += std::to_string(i + 1);
    }
    return text + ") VALUES (" + values + ") " + std::string{insert.suffix};
}

}  // namespace doorbuster::sqlite
