#include "payments/qr_svg.hpp"

#include <gtest/gtest.h>
#include <qrencode.h>

#include <regex>
#include <set>
#include <string>
#include <utility>

namespace doorbuster::payments {
namespace {

const std::string kCodeUrl = "weixin://wxpay/bizpayurl?pr=p4lpSuKzz";

using Modules = std::set<std::pair<int, int>>;

// The modules that the path of the picture covers.
Modules painted(const std::string& svg) {
    Modules modules;
    const std::regex run{R"(M(\d+) (\d+)h(\d+)v1h-(\d+)z)"};
    for (std::sregex_iterator at{svg.begin(), svg.end(), run}, end; at != end; ++at) {
        const int x = std::stoi((*at)[1]);
        const int length = std::stoi((*at)[3]);
        EXPECT_EQ((*at)[3], (*at)[4]);
        for (int i = 0; i < length; ++i) modules.insert({x + i, std::stoi((*at)[2])});
    }
    return modules;
}

Modules expected(const std::string& text, int& side) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    QRcode* code = QRcode_encodeData(static_cast<int>(text.size()), bytes, 0, QR_ECLEVEL_M);
    Modules modules;
    for (int y = 0; y < code->width; ++y) {
        for (int x = 0; x < code->width; ++x) {
            if ((code->data[y * code->width + x] & 1) != 0) modules.insert({x + 4, y + 4});
        }
    }
    side = code->width + 8;
    QRcode_free(code);
    return modules;
}

TEST(QrSvg, paints_exactly_the_dark_modules_inside_a_quiet_zone) {
    int side = 0;
    const Modules modules = expected(kCodeUrl, side);
    const std::string svg = qr_svg(kCodeUrl);
    EXPECT_EQ(painted(svg), modules);
    const std::string box = std::to_string(side) + ' ' + std::to_string(side);
    EXPECT_NE(svg.find("viewBox=\"0 0 " + box + '"'), std::string::npos);
    for (const auto& [x, y] : modules) {
        EXPECT_TRUE(x >= 4 && y >= 4 && x < side - 4 && y < side - 4);
    }
}

TEST(QrSvg, has_the_three_finder_patterns) {
    int side = 0;
    expected(kCodeUrl, side);
    const Modules modules = painted(qr_svg(kCodeUrl));
    const int far = side - 4 - 7;
    for (const auto& [left, top] : {std::pair{4, 4}, std::pair{far, 4}, std::pair{4, far}}) {
        for (int i = 0; i < 7; ++i) {
            EXPECT_TRUE(modules.contains({left + i, top}));
            EXPECT_TRUE(modules.contains({left, top + i}));
        }
        EXPECT_FALSE(modules.contains({left + 1, top + 1}));
        EXPECT_TRUE(modules.contains({left + 3, top + 3}));
    }
}

TEST(QrSvg, is_the_same_for_the_same_text) {
    EXPECT_EQ(qr_svg(kCodeUrl), qr_svg(kCodeUrl));
    EXPECT_NE(qr_svg(kCodeUrl), qr_svg(kCodeUrl + "x"));
}

TEST(QrSvg, never_repeats_the_text_so_nothing_in_it_can_be_markup) {
    const std::string svg = qr_svg("</svg><script>alert(1)</script>");
    EXPECT_EQ(svg.find("script"), std::string::npos);
}

TEST(QrSvg, is_empty_for_what_does_not_fit) {
    EXPECT_EQ(qr_svg(""), "");
    EXPECT_NE(qr_svg(std::string(2331, 'a')), "");
    EXPECT_EQ(qr_svg(std::string(2332, 'a')), "");
}

}  // namespace
}  // namespace doorbuster::payments
