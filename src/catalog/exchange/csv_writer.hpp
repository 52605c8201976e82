#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace doorbuster::catalog {

// Where bytes go. May block; throws when the outside fails.
using ByteSink = std::function<void(std::string_view)>;

// Writes comma-separated values (RFC 4180) that CsvReader reads back to the same fields: LF at line
// ends as in Shopify's files, quotes only around fields that need them. Values are written as they
// are: a reader of the file, not this writer, decides whether "=1+1" is a formula. Not thread-safe.
class CsvWriter {
public:
    explicit CsvWriter(ByteSink sink) : sink_{std::move(sink)} {}

    // One record per call; handed to the sink at once.
    void write(std::span<const std::string> fields);

private:
    ByteSink sink_;
    std::string line_;
};

}  // namespace doorbuster::catalog
