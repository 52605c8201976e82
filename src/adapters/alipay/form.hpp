#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

// application/x-www-form-urlencoded, as Alipay's gateway speaks it in both directions.
namespace doorbuster::alipay {

inline constexpr std::size_t kFormBytesMax = 1024 * 1024;
inline constexpr std::size_t kFormFieldsMax = 256;

// Sorted by name, byte by byte: the order in which they are signed.
using Params = std::map<std::string, std::string, std::less<>>;

// Decodes once. Nothing when two readers could read two different things: a name that occurs twice
// or is empty, a part without `=`, a `%` that two hexadecimal digits do not follow. Nothing beyond
// the bounds above, too.
std::optional<Params> parse_form(std::string_view text);

// Everything but letters, digits and -._~ in percent-encoding.
std::string percent_encoded(std::string_view text);
std::string to_form(const Params& params);

// What is signed: `key=value` of each, raw, joined by `&`.
std::string joined(const Params& params);

// The value, or empty when there is none: both mean the same in Alipay's forms.
std::string_view value_of(const Params& params, std::string_view name);

}  // namespace doorbuster::alipay
