#include "reconciliation/reconciliation.hpp"

#include <array>
#include <utility>

#include "ports/sql.hpp"

namespace doorbuster::reconciliation {

namespace {

constexpr std::array<std::pair<State, std::string_view>, 4> kStates{
    {{State::running, "running"},
     {State::clean, "clean"},
     {State::differences, "differences"},
     {State::failed, "failed"}}};

}  // namespace

std::string_view to_string(State state) {
    for (const auto& [known, word] : kStates) {
        if (known == state) return word;
    }
    return {};
}

State state_from(std::string_view word) {
    for (const auto& [state, known] : kStates) {
        if (known == word) return state;
    }
    throw sql::Error{"an unknown state of a reconciliation: " + std::string{word}};
}

}  // namespace doorbuster::reconciliation
