#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ports/sql.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace doorbuster::sqlite {

struct CloseDatabase {
    void operator()(sqlite3* db) const;
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const;
};
using DatabaseHandle = std::unique_ptr<sqlite3, CloseDatabase>;
using StatementHandle = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// A prepared statement and where its parameters are: SQLite numbers "$2" by first appearance.
struct Prepared {
    StatementHandle handle;
    std::vector<int> index_of;   // of $1, $2, …; 0: not used in the text
    const char* text = nullptr;  // of the constant it was made from, to notice a changed one
    std::size_t text_size = 0;
    bool counted = true;  // what it changes shows in the count of changed rows
    bool busy = false;
};

enum class Access { read_write, read_only };

// One connection and its statement cache. Used by one thread at a time.
class Connection {
public:
    // Opens the file; read_write creates it. Throws sql::Error with one line for a person.
    Connection(const std::filesystem::path& file, Access access);

    // Runs a text that returns no rows of interest (PRAGMA, BEGIN, …). Returns the result code.
    int try_run(const char* text);
    // The same; throws.
    void run(const char* text);
    // The same for many statements; throws.
    void run_script(std::string_view script);
    // The first column of the first row of a PRAGMA.
    std::string ask(const char* text);

    // The statement for a constant, prepared at its first use. The text must outlive this.
    Prepared& cached(const void* key, std::string_view text);
    // A statement of one's own.
    Prepared prepare(std::string_view text, bool keep);

    bool in_transaction() const;
    sqlite3* get() const { return db_.get(); }

private:
    DatabaseHandle db_;
    std::unordered_map<const void*, Prepared> statements_;
};

// One run of a statement: binds, steps, and leaves the statement reset whatever happens.
class Run {
public:
    Run(Connection& connection, Prepared& prepared, std::string_view name);
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    void bind(std::span<const sql::Param> params);
    // True: there is a row. Throws.
    bool step();
    // Ready for the next bind.
    void again();
    sqlite3_stmt* statement() const { return prepared_.handle.get(); }

private:
    void bind_one(int index, const sql::Param& param);

    Connection& connection_;
    Prepared& prepared_;
    std::string_view name_;
};

// The text of a bulk insert of one row.
std::string bulk_text(const sql::BulkInsert& insert);

}  // namespace doorbuster::sqlite
