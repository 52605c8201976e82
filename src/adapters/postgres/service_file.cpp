#include "adapters/postgres/service_file.hpp"

#include <libpq-fe.h>

#include <memory>

#include "ports/sql.hpp"

namespace doorbuster::postgres {

std::string service_file_text(const std::string& conninfo) {
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{
        PQconninfoParse(conninfo.c_str(), &message), &PQconninfoFree};
    const std::unique_ptr<char, decltype(&PQfreemem)> reason{message, &PQfreemem};
    if (!options)
        throw sql::Error{"database.url cannot be read"};  // the reason may quote a password
    std::string text = "[doorbuster]\n";
    for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
        if (option->val) text += std::string{option->keyword} + '=' + option->val + '\n';
    }
    return text;
}

}  // namespace doorbuster::postgres
