// embed_sql OUTPUT.hpp FOLDER FILE.sql...: turns named statements into constants.
//
// A file holds statements headed by `-- name: insert_order`. The text after the heading serves both
// engines, unless the heading ends in `(sqlite)` or `(postgres)`; such a pair makes one constant.
// The constant for `insert_order` in folder orders is `doorbuster::orders::queries::insert_order`;
// folder flash_sale/model makes `doorbuster::flash_sale::model::queries`.
#include <cctype>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Texts {
    std::string sqlite;
    std::string postgres;
};

std::string with_slashes_as(const std::string& sign, const std::string& folder) {
    std::string text;
    for (const char c : folder) text += c == '/' ? sign : std::string{c};
    return text;
}

class Statements {
public:
    bool read(const std::string& path) {
        std::ifstream in{path};
        std::string line;
        int number = 0;
        while (std::getline(in, line)) {
            ++number;
            if (line.rfind("-- name:", 0) == 0) {
                if (!begin(line.substr(8))) return fail(path, number, "bad heading");
            } else if (!line.empty() && line.rfind("--", 0) != 0) {
                if (!current_sqlite_ && !current_postgres_) return fail(path, number, "no heading");
                append(line);
            }
        }
        return true;
    }

    bool write(std::ostream& out, const std::string& folder) const {
        const std::string space = with_slashes_as("::", folder);
        out << "// Made by embed_sql. Do not edit.\n#pragma once\n#include \"ports/sql.hpp\"\n\n"
            << "namespace doorbuster::" << space << "::queries {\n";
        for (const auto& [name, texts] : statements_) {
            if (texts.sqlite.empty() || texts.postgres.empty()) {
                std::cerr << folder << ": statement " << name << " lacks a text for one engine\n";
                return false;
            }
            out << "inline constexpr sql::Statement " << name << "{\""
                << with_slashes_as(".", folder) << '.' << name << "\",\n"
                << "R\"__sql(" << texts.sqlite << ")__sql\",\n"
                << "R\"__sql(" << texts.postgres << ")__sql\"};\n";
        }
        out << "}  // namespace doorbuster::" << space << "::queries\n";
        return true;
    }

private:
    bool begin(const std::string& heading) {
        std::istringstream words{heading};
        std::string name;
        std::string engine;
        words >> name >> engine;
        if (name.empty()) return false;
        auto& texts = statements_[name];
        current_sqlite_ = engine.empty() || engine == "(sqlite)" ? &texts.sqlite : nullptr;
        current_postgres_ = engine.empty() || engine == "(postgres)" ? &texts.postgres : nullptr;
        const bool known = current_sqlite_ || current_postgres_;
        const bool fresh = (!current_sqlite_ || current_sqlite_->empty()) &&
                           (!current_postgres_ || current_postgres_->empty());
        return known && fresh;
    }

    void append(const std::string& line) {
        for (std::string* text : {current_sqlite_, current_postgres_}) {
            if (text) *text += line + '\n';
        }
    }

    static bool fail(const std::string& path, int line, const char* what) {
        std::cerr << path << ':' << line << ": " << what << '\n';
        return false;
    }

    std::map<std::string, Texts> statements_;
    std::string* current_sqlite_ = nullptr;
    std::string* current_postgres_ = nullptr;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return 2;
    Statements statements;
    for (int i = 3; i < argc; ++i) {
        if (!statements.read(argv[i])) return 1;
    }
    std::ofstream out{argv[1]};
    return statements.write(out, argv[2]) && out.flush() ? 0 : 1;
}
