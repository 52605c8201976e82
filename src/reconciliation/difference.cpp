#include "reconciliation/difference.hpp"

#include <array>

#include "ports/sql.hpp"

namespace doorbuster::reconciliation {

namespace {

template <class Value, std::size_t N>
using Words = std::array<std::pair<Value, std::string_view>, N>;

constexpr Words<Subject, 3> kSubjects{
    {{Subject::payment, "payment"}, {Subject::refund, "refund"}, {Subject::fund, "fund"}}};

constexpr Words<Kind, 6> kKinds{
    {{Kind::missing_here, "missing_here"},
     {Kind::missing_there, "missing_there"},
     {Kind::amount, "amount"},
     {Kind::status, "status"},
     {Kind::twice, "twice"},
     {Kind::other_day, "other_day"}}};

constexpr Words<Difference::State, 3> kStates{
    {{Difference::State::open, "open"},
     {Difference::State::repaired, "repaired"},
     {Difference::State::resolved, "resolved"}}};

template <class Value, std::size_t N>
std::string_view word_of(const Words<Value, N>& words, Value value) {
    for (const auto& [known, word] : words) {
        if (known == value) return word;
    }
    return {};
}

template <class Value, std::size_t N>
Value value_of(const Words<Value, N>& words, std::string_view word) {
    for (const auto& [value, known] : words) {
        if (known == word) return value;
    }
    throw sql::Error{"an unknown word in reconciliation: " + std::string{word}};
}

}  // namespace

std::string_view to_string(Subject subject) { return word_of(kSubjects, subject); }
std::string_view to_string(Kind kind) { return word_of(kKinds, kind); }
std::string_view to_string(Difference::State state) { return word_of(kStates, state); }
Subject subject_from(std::string_view word) { return value_of(kSubjects, word); }
Kind kind_from(std::string_view word) { return value_of(kKinds, word); }
Difference::State difference_state_from(std::string_view word) { return value_of(kStates, word); }

}  // namespace doorbuster::reconciliation
