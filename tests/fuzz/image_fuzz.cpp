// A picture that staff upload: what it is, by its own bytes.
#include "catalog/media/image_info.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace doorbuster;
    using fuzz::demand;
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    const auto found = catalog::sniff_image(bytes);
    if (found.has_error()) return 0;
    const auto side = [](std::uint32_t pixels) {
        return pixels >= 1 && pixels <= catalog::kImageSideMax;
    };
    demand(side(found->width) && side(found->height), "a picture's sides are bounded");
    const std::string_view type = found->content_type;
    demand(type != "image/png" || bytes.starts_with("\x89PNG"), "what is called PNG begins so");
    demand(type != "image/jpeg" || bytes.starts_with("\xff\xd8"), "likewise");
    demand(type != "image/webp" || bytes.starts_with("RIFF"), "likewise");
    demand(type.starts_with("image/"), "it is a picture");
    const auto again = catalog::sniff_image(std::string{bytes} + "<script>");
    demand(
        again.has_value() && again->width == found->width && again->height == found->height,
        "what comes behind a picture does not change it"
    );
    return 0;
}
