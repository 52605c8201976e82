#include "catalog/model/product.hpp"

#include <algorithm>
#include <set>

#include "catalog/model/errors.hpp"
#include "core/utf8.hpp"

namespace doorbuster::catalog {
namespace {

// Collects what is wrong, each with the field at fault.
class Faults {
public:
    void add(std::string field, std::string reason) {
        details_.push_back({std::move(field), std::move(reason)});
    }
    void unless(bool fine, std::string field, std::string reason) {
        if (!fine) add(std::move(field), std::move(reason));
    }
    void check_length(std::string field, std::string_view text, std::size_t max) {
        if (utf8_characters(text) <= max) return;
        add(std::move(field), "must have at most " + std::to_string(max) + " characters");
    }
    void check_count(std::string field, std::size_t count, std::size_t max) {
        if (count <= max) return;
        add(std::move(field), "must have at most " + std::to_string(max) + " entries");
    }
    Result<void> result() && {
        if (details_.empty()) return {};
        return Error{kInvalidProduct, std::move(details_)};
    }

private:
    std::vector<ErrorDetail> details_;
};

std::string field(std::string_view list, std::size_t index, std::string_view name = {}) {
    std::string path{list};
    path += '[' + std::to_string(index) + ']';
    if (!name.empty()) path.append(".").append(name);
    return path;
}

bool is_handle(std::string_view text) {
    // Part of addresses: letters, digits and marks, no separators of an address.
    constexpr std::string_view kNever = " /?#%&\"'<>\\";
    return std::ranges::none_of(text, [&](char c) {
        return static_cast<unsigned char>(c) < 0x20 || kNever.find(c) != std::string_view::npos;
    });
}

void check_texts(const ProductContent& content, Faults& faults) {
    faults.unless(!content.title.empty(), "title", "must not be empty");
    faults.check_length("title", content.title, kTitleMax);
    faults.check_length("handle", content.handle, kShortTextMax);
    faults.unless(
        is_handle(content.handle), "handle", "must not hold spaces or any of / ? # % & \" ' < > \\"
    );
    faults.check_length("body_html", content.body_html, kBodyMax);
    faults.check_length("vendor", content.vendor, kShortTextMax);
    faults.check_length("product_type", content.product_type, kShortTextMax);
    faults.check_count("tags", content.tags.size(), kTagsMax);
    for (std::size_t i = 0; i < content.tags.size(); ++i) {
        const std::string& tag = content.tags[i];
        faults.check_length(field("tags", i), tag, kShortTextMax);
        const bool plain = !tag.empty() && tag.find(',') == std::string::npos;
        faults.unless(plain, field("tags", i), "must not be empty or hold a comma");
    }
}

void check_images(const ProductContent& content, Faults& faults) {
    faults.check_count("images", content.images.size(), kImagesMax);
    for (std::size_t i = 0; i < content.images.size(); ++i) {
        faults.check_length(field("images", i, "alt"), content.images[i].alt, kShortTextMax);
    }
}

void check_option_names(const std::vector<std::string>& names, Faults& faults) {
    faults.check_count("options", names.size(), kOptionsMax);
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < names.size(); ++i) {
        faults.unless(!names[i].empty(), field("options", i), "must not be empty");
        faults.check_length(field("options", i), names[i], kShortTextMax);
        faults.unless(seen.insert(names[i]).second, field("options", i), "is there twice");
    }
}

void check_sku_values(const Sku& sku, std::size_t at, Faults& faults) {
    const auto in_range = [&](const char* name, std::int64_t value, std::int64_t max) {
        faults.unless(value >= 0 && value <= max, field("skus", at, name), "is out of range");
    };
    in_range("price", sku.price.fen(), kPriceMax.fen());
    if (sku.compare_at_price) {
        in_range("compare_at_price", sku.compare_at_price->fen(), kPriceMax.fen());
    }
    in_range("grams", sku.grams, kGramsMax);
    faults.check_length(field("skus", at, "sku"), sku.code, kShortTextMax);
    faults.check_length(field("skus", at, "barcode"), sku.barcode, kShortTextMax);
}

void check_sku_options(const Sku& sku, std::size_t at, std::size_t options, Faults& faults) {
    for (std::size_t i = 0; i < kOptionsMax; ++i) {
        const bool given = !sku.options[i].empty();
        faults.unless(
            given == (i < options), field("skus", at, "options"), "needs one value for each option"
        );
        faults.check_length(field("skus", at, "options"), sku.options[i], kShortTextMax);
    }
}

void check_skus(const ProductContent& content, Faults& faults) {
    faults.check_count("skus", content.skus.size(), kSkusMax);
    std::set<OptionValues> options;
    std::set<std::string_view> codes;
    std::set<SkuId> ids;
    for (std::size_t i = 0; i < content.skus.size(); ++i) {
        const Sku& sku = content.skus[i];
        check_sku_values(sku, i, faults);
        check_sku_options(sku, i, content.option_names.size(), faults);
        faults.unless(
            options.insert(sku.options).second,
            field("skus", i, "options"),
            "another SKU of the product has the same"
        );
        const bool fresh_code = sku.code.empty() || codes.insert(sku.code).second;
        faults.unless(fresh_code, field("skus", i, "sku"), "is there twice");
        const bool fresh_id = sku.id == SkuId{} || ids.insert(sku.id).second;
        faults.unless(fresh_id, field("skus", i, "id"), "is there twice");
    }
}

}  // namespace

std::string_view to_string(ProductStatus status) {
    switch (status) {
        case ProductStatus::draft:
            return "draft";
        case ProductStatus::active:
            return "active";
        case ProductStatus::archived:
            return "archived";
    }
    return "draft";
}

ProductStatus product_status(std::string_view word) {
    if (word == "active") return ProductStatus::active;
    if (word == "archived") return ProductStatus::archived;
    return ProductStatus::draft;
}

Result<void> check(const ProductContent& content) {
    Faults faults;
    check_texts(content, faults);
    check_images(content, faults);
    check_option_names(content.option_names, faults);
    check_skus(content, faults);
    return std::move(faults).result();
}

std::string handle_from(std::string_view title) {
    std::string handle;
    for (const char c : title) {
        const bool upper = c >= 'A' && c <= 'Z';
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || upper) {
            handle += upper ? static_cast<char>(c - 'A' + 'a') : c;
        } else if (!handle.empty() && handle.back() != '-') {
            handle += '-';
        }
    }
    while (handle.ends_with('-')) handle.pop_back();
    return handle.empty() ? "product" : handle;
}

std::string join_tags(const std::vector<std::string>& tags) {
    std::string joined;
    for (const std::string& tag : tags) {
        if (!joined.empty()) joined += ',';
        joined += tag;
    }
    return joined;
}

std::vector<std::string> split_tags(std::string_view joined) {
    std::vector<std::string> tags;
    while (!joined.empty()) {
        const std::size_t comma = std::min(joined.find(','), joined.size());
        if (comma > 0) tags.emplace_back(joined.substr(0, comma));
        joined.remove_prefix(std::min(comma + 1, joined.size()));
    }
    return tags;
}

}  // namespace doorbuster::catalog
