#include "catalog/exchange/product_import_rows.hpp"

#include <algorithm>
#include <charconv>

#include "catalog/media/media_service.hpp"
#include "catalog/model/category.hpp"
#include "catalog/model/rich_text.hpp"
#include "http/text.hpp"
#include "inventory/inventory_service.hpp"

namespace doorbuster::catalog {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        const std::string_view part = trim(text.substr(0, end));
        if (!part.empty()) parts.emplace_back(part);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

// A picture's address may be written with letters that belong percent-encoded.
std::string encoded_url(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string url;
    for (const char c : trim(text)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7f) {
            url += c;
        } else {
            url += '%';
            url += kHex[byte >> 4];
            url += kHex[byte & 15];
        }
    }
    return url;
}

// Digits, and after a point only zeros, as some exports write whole numbers.
std::optional<std::int64_t> whole_number(std::string_view text) {
    const std::size_t point = std::min(text.find('.'), text.size());
    const auto zeros = text.substr(std::min(point + 1, text.size()));
    if (zeros.find_first_not_of('0') != std::string_view::npos) return std::nullopt;
    std::int64_t number = 0;
    const char* const end = text.data() + point;
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stopped != end || number < 0) return std::nullopt;
    return number;
}

std::optional<bool> truth(std::string_view text) {
    for (const std::string_view word : {"true", "yes", "1"}) {
        if (http::equal_ignoring_case(text, word)) return true;
    }
    for (const std::string_view word : {"false", "no", "0"}) {
        if (http::equal_ignoring_case(text, word)) return false;
    }
    return std::nullopt;
}

// Reads the fields of one row and remembers the first that is wrong.
class Fields {
public:
    Fields(const ColumnMap& columns, const CsvRecord& record)
        : columns_{columns}, record_{record} {}

    std::uint64_t line() const { return record_.line; }
    bool given(Column column) const { return !trim(columns_.field(record_, column)).empty(); }
    std::string_view raw(Column column) const { return columns_.field(record_, column); }

    // One line of text: line breaks and tabs become spaces.
    std::string text(Column column) {
        std::string value{trim(raw(column))};
        for (char& c : value) {
            if (is_blank(c)) c = ' ';
            const auto byte = static_cast<unsigned char>(c);
            if (byte < 0x20 || byte == 0x7f) reject(column, "holds a control character");
        }
        return value;
    }

    std::int64_t number(Column column, std::int64_t min, std::int64_t max, std::int64_t otherwise) {
        if (!given(column)) return otherwise;
        const auto value = whole_number(trim(raw(column)));
        if (value && *value >= min && *value <= max) return *value;
        reject(
            column,
            "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max)
        );
        return otherwise;
    }

    std::optional<Money> money(Column column) {
        if (!given(column)) return std::nullopt;
        const auto value = Money::from_yuan(trim(raw(column)));
        if (value && *value <= kPriceMax) return value;
        reject(column, "must be yuan such as 129.00, at most " + kPriceMax.to_yuan());
        return std::nullopt;
    }

    std::string url(Column column) {
        if (!given(column)) return {};
        std::string value = encoded_url(raw(column));
        if (!valid_media_url(value)) {
            reject(column, "must be an http:// or https:// address or a path such as /a.jpg");
        }
        return value;
    }

    void reject(Column column, std::string reason) {
        if (!error_)
            error_ = RowError{record_.line, std::string{name_of(column)}, std::move(reason)};
    }
    std::optional<RowError> error() const { return error_; }

private:
    const ColumnMap& columns_;
    const CsvRecord& record_;
    std::optional<RowError> error_;
};

bool is_empty(const CsvRecord& record) {
    return std::ranges::all_of(record.fields, [](const std::string& field) {
        return trim(field).empty();
    });
}

std::optional<ProductStatus> status_of(Fields& fields) {
    std::optional<ProductStatus> status;
    if (fields.given(Column::status)) {
        const std::string_view word = trim(fields.raw(Column::status));
        for (const auto known :
             {ProductStatus::active, ProductStatus::draft, ProductStatus::archived}) {
            if (http::equal_ignoring_case(word, to_string(known))) status = known;
        }
        if (!status) fields.reject(Column::status, "must be active, draft or archived");
    }
    if (!fields.given(Column::published)) return status;
    const auto published = truth(trim(fields.raw(Column::published)));
    if (!published) fields.reject(Column::published, "must be true or false");
    if (status.value_or(ProductStatus::active) != ProductStatus::active) return status;
    return published.value_or(false) ? ProductStatus::active : ProductStatus::draft;
}

std::string body_of(Fields& fields) {
    const std::string_view html = fields.raw(Column::body);
    if (html.size() > kRichTextBytesMax) {
        fields.reject(
            Column::body, "must have at most " + std::to_string(kRichTextBytesMax) + " bytes"
        );
    }
    return sanitize_rich_text(html);
}

std::vector<std::string> category_of(Fields& fields) {
    const auto path = split(fields.text(Column::category), '>');
    const bool long_name = std::ranges::any_of(path, [](const std::string& name) {
        return http::utf8_length(name).value_or(0) > kCategoryNameMax;
    });
    if (long_name) {
        fields.reject(
            Column::category,
            "a name must have at most " + std::to_string(kCategoryNameMax) + " characters"
        );
    }
    if (path.size() > kCategoryDepthMax) {
        fields.reject(
            Column::category, "nests deeper than " + std::to_string(kCategoryDepthMax) + " levels"
        );
    }
    return path;
}

std::vector<std::string> tags_of(Fields& fields) {
    std::vector<std::string> tags;
    for (std::string& tag : split(fields.text(Column::tags), ',')) {
        if (std::ranges::find(tags, tag) == tags.end()) tags.push_back(std::move(tag));
    }
    return tags;
}

// "Title" with the single value "Default Title" is how the format writes a product without options.
bool has_no_options(Fields& fields) {
    return fields.text(Column::option1_name) == "Title" &&
           fields.text(Column::option1_value) == "Default Title";
}

std::vector<std::string> option_names_of(Fields& fields) {
    if (has_no_options(fields)) return {};
    std::vector<std::string> names;
    for (std::size_t i = 0; i < kOptionsMax; ++i) {
        std::string name = fields.text(option_name_column(i));
        if (!name.empty() && names.size() < i) {
            fields.reject(option_name_column(i), "an option before it is missing");
        }
        if (name.empty() && fields.given(option_value_column(i))) {
            fields.reject(option_name_column(i), "the option has a value but no name");
        }
        if (!name.empty()) names.push_back(std::move(name));
    }
    return names;
}

void read_product(Fields& fields, FileProduct& product) {
    product.title = fields.text(Column::title);
    product.body_html = body_of(fields);
    product.vendor = fields.text(Column::vendor);
    product.product_type = fields.text(Column::type);
    product.tags = tags_of(fields);
    product.category = category_of(fields);
    product.status = status_of(fields);
    const bool fine_so_far = !fields.error();
    product.option_names = option_names_of(fields);
    product.readable = !fine_so_far || !fields.error();
}

// A row without any of these only brings a picture.
bool is_sku_row(const Fields& fields) {
    return fields.given(Column::option1_value) || fields.given(Column::option2_value) ||
           fields.given(Column::option3_value) || fields.given(Column::sku) ||
           fields.given(Column::price) || fields.given(Column::variant_image);
}

OptionValues options_of(Fields& fields, const std::vector<std::string>& names) {
    OptionValues values;
    if (names.empty() && fields.text(Column::option1_value) == "Default Title") return values;
    for (std::size_t i = 0; i < kOptionsMax; ++i) {
        values[i] = fields.text(option_value_column(i));
        if (i < names.size() && values[i].empty()) {
            fields.reject(option_value_column(i), "the option " + names[i] + " has no value");
        }
        if (i >= names.size() && !values[i].empty()) {
            fields.reject(option_value_column(i), "the product has no such option");
        }
    }
    return values;
}

FileSku sku_of(Fields& fields, const std::vector<std::string>& option_names) {
    FileSku result{.line = fields.line(), .sku = {}, .quantity = {}, .image_url = {}};
    result.sku.code = fields.text(Column::sku);
    result.sku.options = options_of(fields, option_names);
    result.sku.price = fields.money(Column::price).value_or(Money{});
    if (!fields.given(Column::price)) fields.reject(Column::price, "is missing");
    result.sku.compare_at_price = fields.money(Column::compare_at_price);
    result.sku.grams = fields.number(Column::grams, 0, kGramsMax, 0);
    result.sku.barcode = fields.text(Column::barcode);
    result.image_url = fields.url(Column::variant_image);
    if (fields.given(Column::quantity)) {
        constexpr auto kUnitsMax = inventory::InventoryService::kUnitsMax;
        result.quantity = fields.number(Column::quantity, 0, kUnitsMax, 0);
    }
    return result;
}

void add_image(Fields& fields, FileProduct& product) {
    if (!fields.given(Column::image)) return;
    const auto last = static_cast<std::int64_t>(1'000'000);
    FileImage image{
        fields.line(),
        fields.url(Column::image),
        fields.text(Column::image_alt),
        fields.number(Column::image_position, 1, last, last)};
    const auto after =
        std::ranges::upper_bound(product.images, image.position, {}, &FileImage::position);
    product.images.insert(after, std::move(image));
}

}  // namespace

std::size_t FileProduct::bytes() const {
    std::size_t count = 1000 + body_html.size();
    for (const FileImage& image : images) count += 200 + image.url.size() + image.alt.size();
    return count + skus.size() * 800;
}

ProductRows::Step ProductRows::add(const CsvRecord& record) {
    Step step;
    if (is_empty(record) && !record.fault) return step;
    std::string handle;
    if (columns_.is_sound(record, Column::handle)) {
        handle = trim(columns_.field(record, Column::handle));
    }
    const bool begins = !handle.empty() && (!current_ || current_->handle != handle);
    if (begins) {
        step.product = finish();
        begin(handle, record.line);
    }
    const bool nameless = handle.empty() && !record.fault;
    step.error = nameless
                     ? RowError{record.line, std::string{name_of(Column::handle)}, "is missing"}
                     : read(record);
    // A row that may be of the product at hand spoils it; one with a title is of another.
    const bool of_another = nameless && !trim(columns_.field(record, Column::title)).empty();
    if (step.error && current_ && !of_another) current_->refused = true;
    return step;
}

std::optional<FileProduct> ProductRows::finish() {
    if (current_ && !current_->continues) begun_[current_->handle] = current_->option_names;
    return std::exchange(current_, std::nullopt);
}

void ProductRows::begin(std::string handle, std::uint64_t line) {
    current_.emplace();
    const auto earlier = begun_.find(handle);
    current_->continues = earlier != begun_.end();
    if (current_->continues) current_->option_names = earlier->second;
    current_->handle = std::move(handle);
    current_->line = line;
}

std::optional<RowError> ProductRows::read(const CsvRecord& record) {
    if (record.fault) {
        if (current_ && current_->line == record.line) current_->readable = false;
        return RowError{record.line, columns_.name_at(record.fault->column), record.fault->reason};
    }
    for (std::size_t i = columns_.size(); i < record.fields.size(); ++i) {
        if (trim(record.fields[i]).empty()) continue;
        return RowError{record.line, columns_.name_at(i), "the row is longer than the header"};
    }
    FileProduct& product = *current_;
    if (!product.readable) return std::nullopt;
    Fields fields{columns_, record};
    const bool first = record.line == product.line && !product.continues;
    if (first) read_product(fields, product);
    if (first && product.title.empty()) fields.reject(Column::title, "is missing");
    // One more than allowed is kept, so that the catalog's own limit tells.
    const bool room = product.skus.size() <= kSkusMax && product.images.size() <= kImagesMax;
    if (is_sku_row(fields) && room) product.skus.push_back(sku_of(fields, product.option_names));
    if (room) add_image(fields, product);
    return fields.error();
}

}  // namespace doorbuster::catalog
