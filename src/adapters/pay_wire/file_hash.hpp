#pragma once

#include <filesystem>
#include <string>

#include "adapters/pay_wire/digest.hpp"
#include "adapters/pay_wire/inflated_file.hpp"
#include "core/task.hpp"

namespace doorbuster::pay_wire {

// The hash of what the file holds, in lower-case hex. Lets others of the event loop have their turn
// every few milliseconds. Throws BadBill.
Task<std::string> hash_of(std::filesystem::path file, InflatedFile::Format format, Digest digest);

}  // namespace doorbuster::pay_wire
