#pragma once

#include <string>

#include "core/ids.hpp"
#include "ports/sql.hpp"

namespace doorbuster::events {

// The ids of many events as one parameter of a statement: JSON for SQLite, an array literal for
// PostgreSQL.
class IdList {
public:
    explicit IdList(sql::Dialect dialect)
        : text_{dialect == sql::Dialect::sqlite ? '[' : '{'},
          end_{dialect == sql::Dialect::sqlite ? ']' : '}'} {}

    void add(EventId id) {
        if (!empty()) text_ += ',';
        text_ += id.to_string();
    }
    bool empty() const { return text_.size() == 1; }
    std::string text() const { return text_ + end_; }

private:
    std::string text_;
    char end_;
};

}  // namespace doorbuster::events
