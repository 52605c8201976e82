#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "core/result.hpp"
#include "http/request.hpp"

namespace doorbuster::http {

struct TextLimits {
    std::size_t min = 1;     // in characters, after surrounding white space is cut
    std::size_t max = 255;   // in characters
    bool multiline = false;  // allows line feeds and tabs; other control characters never pass
};

// Reads the values of a JSON object, or of a query, and collects what is wrong with them, so that a
// client learns of every bad field at once. Ask for all fields, then `check()`, then use them: a
// bad field reads as a harmless default until then. Unknown fields are ignored.
//
//     Fields fields = Fields::body(request);
//     const auto sku = fields.id<SkuId>("sku_id");
//     const auto quantity = fields.integer("quantity", 1, 999);
//     if (auto bad = fields.check(); bad.has_error()) co_return failure(request, bad.error());
class Fields {
public:
    // The request's body, which must be a JSON object (application/json, depth at most 32).
    static Fields body(const Request& request);
    // The request's query; every value is text and read as the type asked for.
    static Fields query(const Request& request);

    Fields(Fields&&) noexcept;
    ~Fields();

    bool has(std::string_view name) const;  // present and not null
    // Present and null: how a PATCH takes an optional value away.
    bool is_null(std::string_view name) const;

    std::string text(std::string_view name, TextLimits limits = {});
    std::optional<std::string> optional_text(std::string_view name, TextLimits limits = {});
    std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);
    std::optional<std::int64_t> optional_integer(
        std::string_view name, std::int64_t min, std::int64_t max
    );
    bool boolean(std::string_view name);
    std::optional<bool> optional_boolean(std::string_view name);
    // Fen, not negative unless `min` says so.
    Money money(std::string_view name, Money min = Money::fen(0), Money max = kMoneyMax);
    std::optional<Money> optional_money(
        std::string_view name, Money min = Money::fen(0), Money max = kMoneyMax
    );
    std::optional<Time> optional_time(std::string_view name);
    // One of the words given.
    std::string word(std::string_view name, const std::vector<std::string_view>& allowed);
    std::optional<std::string> optional_word(
        std::string_view name, const std::vector<std::string_view>& allowed
    );

    // An id as a string of digits; a JSON integer is taken too.
    template <class AnId>
    AnId id(std::string_view name) {
        return AnId{id_number(name, true).value_or(0)};
    }
    template <class AnId>
    std::optional<AnId> optional_id(std::string_view name) {
        const auto number = id_number(name, false);
        return number ? std::optional{AnId{*number}} : std::nullopt;
    }

    // The objects of a list; errors in them are reported as "lines[2].sku_id".
    std::vector<Fields> objects(std::string_view name, std::size_t min, std::size_t max);
    std::vector<std::string> texts(std::string_view name, std::size_t max, TextLimits each = {});

    // Marks a field as wrong for a reason that the types above do not know.
    void reject(std::string_view name, std::string reason);

    // kInvalidRequest when the body is no JSON object, kValidationFailed with every bad field, or
    // fine.
    Result<void> check() const;

    static constexpr Money kMoneyMax = Money::fen(100'000'000'00);  // a hundred million yuan

private:
    struct State;
    explicit Fields(std::shared_ptr<State> state);
    std::optional<std::int64_t> id_number(std::string_view name, bool required);

    std::shared_ptr<State> state_;
};

// `page` (from 1) and `page_size` (1 to 100, default 20) of a listing.
struct Page {
    std::int64_t page = 1;
    std::int64_t page_size = 20;
    std::int64_t offset() const { return (page - 1) * page_size; }
};
Page page_of(Fields& query);

}  // namespace doorbuster::http
