#include "ports/log.hpp"

namespace doorbuster::log {

namespace {

Sink* installed = nullptr;

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
    if (installed && installed->wants(level)) installed->write(level, event, fields);
}

}  // namespace

void install(Sink* sink) { installed = sink; }

void debug(std::string_view event, std::initializer_list<Field> fields) {
    write(Level::debug, event, fields);
}
void info(std::string_view event, std::initializer_list<Field> fields) {
    write(Level::info, event, fields);
}
void warn(std::string_view event, std::initializer_list<Field> fields) {
    write(Level::warn, event, fields);
}
void error(std::string_view event, std::initializer_list<Field> fields) {
    write(Level::error, event, fields);
}

}  // namespace doorbuster::log
