#pragma once

#include <string>

namespace doorbuster::postgres {

// A conninfo as the text of a connection service file with one service, "doorbuster". PostgreSQL's
// programs take it by PGSERVICEFILE, so that a password stands in no command line.
// Throws sql::Error when the conninfo cannot be read.
std::string service_file_text(const std::string& conninfo);

}  // namespace doorbuster::postgres
