#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "core/assert.hpp"
#include "core/error.hpp"

namespace doorbuster {

// A value, or the refusal that came instead. For outcomes that a caller may expect; what the
// outside breaks (a lost database) is an exception. Asking for the side that is not there ends the
// process.
template <class T>
class [[nodiscard]] Result {
public:
    using value_type = T;

    Result(T value) : state_{std::in_place_index<0>, std::move(value)} {}           // NOLINT
    Result(Error error) : state_{std::in_place_index<1>, std::move(error)} {}       // NOLINT
    Result(const ErrorKind& kind) : state_{std::in_place_index<1>, Error{kind}} {}  // NOLINT

    bool has_value() const { return state_.index() == 0; }
    bool has_error() const { return state_.index() == 1; }
    explicit operator bool() const { return has_value(); }

    const Error& error() const {
        DOORBUSTER_ASSERT(has_error());
        return *std::get_if<1>(&state_);
    }
    T& value() & {
        DOORBUSTER_ASSERT(has_value());
        return *std::get_if<0>(&state_);
    }
    const T& value() const& { return const_cast<Result*>(this)->value(); }
    T&& value() && { return std::move(value()); }

    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

private:
    std::variant<T, Error> state_;
};

// Done, or the refusal that came instead.
template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;

    Result() = default;
    Result(Error error) : error_{std::move(error)} {}       // NOLINT: an error is a result
    Result(const ErrorKind& kind) : error_{Error{kind}} {}  // NOLINT: so is a kind of error

    bool has_value() const { return !error_.has_value(); }
    bool has_error() const { return error_.has_value(); }
    explicit operator bool() const { return has_value(); }

    const Error& error() const {
        DOORBUSTER_ASSERT(error_.has_value());
        return *error_;
    }

private:
    std::optional<Error> error_;
};

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;

}  // namespace doorbuster
