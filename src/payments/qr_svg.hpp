#pragma once

#include <string>
#include <string_view>

namespace doorbuster::payments {

// A QR code as an SVG image: dark modules as one path, one unit per module, with the quiet zone of
// four modules that ISO/IEC 18004 asks for. The same text gives the same bytes. Empty when the text
// is empty or does not fit in a QR code (2 331 bytes at correction level M).
std::string qr_svg(std::string_view text);

}  // namespace doorbuster::payments
