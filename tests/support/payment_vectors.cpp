#include "support/payment_vectors.hpp"

#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

namespace doorbuster::test {

namespace {

boost::json::value read(const std::string& name) {
    const std::string path =
        std::string{DOORBUSTER_SOURCE_DIR} + "/tests/data/payments-vectors/" + name + ".json";
    std::ifstream in{path, std::ios::binary};
    if (!in) throw std::runtime_error{"cannot read " + path};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    return boost::json::parse(text);
}

}  // namespace

const boost::json::object& payment_vectors(const std::string& name) {
    static std::map<std::string, boost::json::value> files;
    auto found = files.find(name);
    if (found == files.end()) found = files.emplace(name, read(name)).first;
    return found->second.as_object();
}

const boost::json::array& payment_cases(const std::string& name) {
    return payment_vectors(name).at("cases").as_array();
}

std::string text_at(const boost::json::value& object, std::string_view name) {
    const auto& text = object.as_object().at({name.data(), name.size()}).as_string();
    return {text.data(), text.size()};
}

Time now_of(const boost::json::value& a_case) {
    const std::int64_t seconds = a_case.as_object().at("now").as_int64();
    return from_milliseconds(seconds * 1000);
}

std::vector<std::pair<std::string, std::string>> headers_of(const boost::json::value& a_case) {
    std::vector<std::pair<std::string, std::string>> headers;
    for (const auto& [name, value] : a_case.as_object().at("headers").as_object()) {
        headers.emplace_back(std::string{name}, std::string{value.as_string().c_str()});
    }
    return headers;
}

}  // namespace doorbuster::test
