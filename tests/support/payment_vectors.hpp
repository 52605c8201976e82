#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.hpp"

// The test vectors of the payment providers, in tests/data/payments-vectors.
namespace doorbuster::test {

// The file `name`.json, read once. Throws when it is not there.
const boost::json::object& payment_vectors(const std::string& name);
const boost::json::array& payment_cases(const std::string& name);

std::string text_at(const boost::json::value& object, std::string_view name);
// The `now` of a case, which is in Unix seconds.
Time now_of(const boost::json::value& a_case);
std::vector<std::pair<std::string, std::string>> headers_of(const boost::json::value& a_case);

}  // namespace doorbuster::test
