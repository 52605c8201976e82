#include "payments/qr_svg.hpp"

#include <qrencode.h>

#include <memory>

namespace doorbuster::payments {
namespace {

constexpr int kQuietZone = 4;
constexpr int kAutomaticVersion = 0;

struct FreeCode {
    void operator()(QRcode* code) const { QRcode_free(code); }
};
using Code = std::unique_ptr<QRcode, FreeCode>;

Code encode(std::string_view text) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    const int size = static_cast<int>(text.size());
    return Code{QRcode_encodeData(size, bytes, kAutomaticVersion, QR_ECLEVEL_M)};
}

// The lowest bit of a module's byte is its colour.
bool is_dark(const QRcode& code, int x, int y) { return (code.data[y * code.width + x] & 1) != 0; }

// One rectangle for every run of dark modules in a row.
std::string path_of(const QRcode& code) {
    std::string path;
    for (int y = 0; y < code.width; ++y) {
        for (int x = 0; x < code.width; ++x) {
            if (!is_dark(code, x, y)) continue;
            const int from = x;
            while (x + 1 < code.width && is_dark(code, x + 1, y)) ++x;
            const std::string length = std::to_string(x + 1 - from);
            path += 'M' + std::to_string(from + kQuietZone) + ' ' + std::to_string(y + kQuietZone) +
                    'h' + length + "v1h-" + length + 'z';
        }
    }
    return path;
}

}  // namespace

std::string qr_svg(std::string_view text) {
    constexpr std::size_t kBytesMax = 2331;
    if (text.empty() || text.size() > kBytesMax) return {};
    const Code code = encode(text);
    if (!code) return {};
    const std::string side = std::to_string(code->width + 2 * kQuietZone);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + ' ' + side +
           "\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h" + side + 'v' + side +
           "H0z\"/><path d=\"" + path_of(*code) + "\"/></svg>";
}

}  // namespace doorbuster::payments
