#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/import_world.hpp"

namespace doorbuster::catalog {
namespace {

using namespace import_test;
using testing::ElementsAre;

class ProductImportTest : public ImportWorld {};
DOORBUSTER_ON_BOTH_ENGINES(ProductImportTest);

TEST_P(ProductImportTest, loads_products_with_options_pictures_categories_and_stock) {
    Recorder recorder;
    const std::string csv = fixture("shop.csv");
    const ImportCounts counts = try_import(csv, recorder).value();
    EXPECT_EQ(counts, (ImportCounts{.rows = 8, .created = 4}));
    EXPECT_TRUE(recorder.errors.empty());
    EXPECT_THAT(recorder.ignored, ElementsAre("Variant Inventory Tracker", "SEO Title"));
    EXPECT_EQ(recorder.steps.back().bytes_done, csv.size());

    const Product teapot = product("teapot");
    const ProductContent& content = teapot.content;
    EXPECT_EQ(content.title, "紫砂茶壶");
    EXPECT_EQ(content.body_html, "<p>手工制作\n<b>Hand made</b> — 27\" no more</p>");
    EXPECT_EQ(content.vendor, "陶艺坊");
    EXPECT_EQ(content.product_type, "茶壶");
    EXPECT_THAT(content.tags, ElementsAre("tea", "茶", "clay"));
    EXPECT_THAT(content.option_names, ElementsAre("颜色", "容量"));
    EXPECT_EQ(teapot.status, ProductStatus::active);
    EXPECT_EQ(teapot.price_min, Money::fen(12800));
    EXPECT_EQ(teapot.price_max, Money::fen(15850));

    ASSERT_EQ(content.skus.size(), 3u);
    const Sku& first = content.skus[0];
    EXPECT_EQ(first.code, "TP-R-200");
    EXPECT_EQ(first.options, (OptionValues{"朱红", "200ml", ""}));
    EXPECT_EQ(first.price, Money::fen(12800));
    EXPECT_EQ(first.compare_at_price, Money::fen(16800));
    EXPECT_EQ(first.grams, 450);
    EXPECT_EQ(first.barcode, "6901234567892");
    EXPECT_TRUE(first.image);
    EXPECT_EQ(available(first.id), 12);
    EXPECT_EQ(content.skus[1].grams, 620);
    EXPECT_EQ(available(content.skus[1].id), 0);
    EXPECT_EQ(available(content.skus[2].id), 7);

    ASSERT_EQ(content.images.size(), 3u);
    EXPECT_EQ(content.images[0].alt, "正面");
    EXPECT_EQ(content.images[1].alt, "侧面, \"side\"");
    EXPECT_EQ(
        text("SELECT url FROM media WHERE id = $1", {content.images[2].media}),
        "/demo/%E8%8C%B6%E5%A3%B6%203.svg"
    );

    EXPECT_EQ(integer("SELECT COUNT(*) FROM categories"), 3);
    EXPECT_EQ(text("SELECT name FROM categories WHERE id = $1", {*content.category}), "茶具");
    EXPECT_TRUE(product("tea-towel").content.option_names.empty());
    EXPECT_EQ(product("catalogue").status, ProductStatus::draft);
    EXPECT_TRUE(product("catalogue").content.skus.empty());
    EXPECT_EQ(product("old-cup").status, ProductStatus::archived);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM stock_ledger WHERE kind = 'GRANT'"), 3);
    EXPECT_EQ(stock_that_disagrees_with_its_ledger(), 0);
}

TEST_P(ProductImportTest, running_it_twice_changes_nothing) {
    import(fixture("shop.csv"));
    const auto before = fingerprint();
    const ImportCounts again = import(fixture("shop.csv"));
    EXPECT_EQ(again, (ImportCounts{.rows = 8, .unchanged = 4}));
    EXPECT_EQ(fingerprint(), before);
}

TEST_P(ProductImportTest, a_dry_run_finds_the_same_and_writes_nothing) {
    const auto before = fingerprint();
    const ImportOptions dry{.dry_run = true, .actor = {}};
    EXPECT_EQ(import(fixture("shop.csv"), dry), (ImportCounts{.rows = 8, .created = 4}));
    EXPECT_EQ(fingerprint(), before);

    import(fixture("shop.csv"));
    const auto loaded = fingerprint();
    EXPECT_EQ(import(fixture("shop.csv"), dry), (ImportCounts{.rows = 8, .unchanged = 4}));
    EXPECT_EQ(fingerprint(), loaded);
}

TEST_P(ProductImportTest, an_export_loads_into_an_empty_shop_and_exports_the_same_bytes) {
    import(fixture("shop.csv"));
    const std::string first = exported();
    EXPECT_EQ(std::ranges::count(first, '\n'), 1 + 6 + 2);
    EXPECT_EQ(import(first).unchanged, 4u);

    test::TestDatabase empty{GetParam()};
    Recorder recorder;
    std::istringstream stream{first};
    ProductImport other{*empty, {products_, categories_, media_, stock_}, {}, recorder};
    ASSERT_EQ(other.run(bytes_of(stream)).value().created, 4u);
    std::string second;
    ProductExport{*empty, {products_, categories_, stock_}}.run([&](std::string_view bytes) {
        second += bytes;
    });
    EXPECT_EQ(second, first);
}

TEST_P(ProductImportTest, an_export_stops_when_it_is_told_to) {
    import(fixture("shop.csv"));
    ProductExport out{database(), {products_, categories_, stock_}};
    std::vector<std::uint64_t> told;
    const auto written = out.run(
        [](std::string_view) {},
        [&](std::uint64_t count) {
            told.push_back(count);
            return false;
        }
    );
    EXPECT_EQ(written, 4u);
    EXPECT_THAT(told, ElementsAre(4u));
}

TEST_P(ProductImportTest, an_uploaded_picture_is_recognised_by_its_address) {
    const std::string hash(64, 'a');
    execute(
        "INSERT INTO media (sha256, content_type, byte_count, created_at) "
        "VALUES ($1, 'image/png', 10, 1)",
        {hash}
    );
    const std::string row = ",A,9,/media/" + hash + ".png\n";
    import("Handle,Title,Variant Price,Image Src\na" + row);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM media"), 1);
    import("Handle,Title,Variant Price,Image Src\nb,B,9,/media/" + std::string(64, 'b') + ".png\n");
    EXPECT_EQ(integer("SELECT COUNT(*) FROM media"), 2);
}

TEST_P(ProductImportTest, brings_a_known_product_to_the_state_of_the_file) {
    import(
        std::string{kHeader} +
        "a,A,Size,S,9,,5,,,,,,A-S,\na,,,M,9,,5,,,,,,A-M,\na,,,L,9,,5,,,,,,A-L,\n"
    );
    const auto before = product("a").content.skus;
    // S is dearer; M is called Medium now, known by its code; L is gone; XL is new.
    const auto counts = import(
        std::string{kHeader} +
        "a,Ä,Size,S,10,,3,,,,draft,,A-S,\na,,,Medium,9,,5,,,,,,A-M,\n"
        "a,,,XL,12,,8,,,,,,A-XL,\n"
    );
    EXPECT_EQ(counts, (ImportCounts{.rows = 3, .updated = 1}));
    const Product after = product("a");
    EXPECT_EQ(after.content.title, "Ä");
    EXPECT_EQ(after.status, ProductStatus::draft);
    ASSERT_EQ(after.content.skus.size(), 3u);
    EXPECT_EQ(after.content.skus[0].id, before[0].id);
    EXPECT_EQ(after.content.skus[0].price, Money::fen(1000));
    EXPECT_EQ(after.content.skus[1].id, before[1].id);
    EXPECT_EQ(after.content.skus[1].options[0], "Medium");
    EXPECT_EQ(after.content.skus[2].code, "A-XL");
    EXPECT_EQ(integer("SELECT removed FROM skus WHERE id = $1", {before[2].id}), 1);
    EXPECT_EQ(available(before[0].id), 3);
    EXPECT_EQ(integer("SELECT quantity FROM stock_ledger WHERE kind = 'ADJUST'"), -2);
    EXPECT_EQ(ledger_rows(), 5);
    EXPECT_EQ(stock_that_disagrees_with_its_ledger(), 0);
}

TEST_P(ProductImportTest, what_a_missing_column_would_say_stays_as_it_is) {
    import(fixture("shop.csv"));
    const ProductContent before = product("teapot").content;
    const auto counts = import(
        "title,HANDLE,variant sku,Variant Price\n紫砂茶壶,teapot,TP-G-200,99\n"
        ",teapot,TP-R-200,128\n,teapot,TP-R-350,158.50\n"
    );
    EXPECT_EQ(counts.updated, 1u);
    ProductContent after = product("teapot").content;
    EXPECT_EQ(after.skus[0].id, before.skus[2].id);
    EXPECT_EQ(after.skus[0].price, Money::fen(9900));
    std::ranges::rotate(after.skus, after.skus.begin() + 1);
    after.skus[2].price = before.skus[2].price;
    EXPECT_EQ(after, before);
    EXPECT_EQ(ledger_rows(), 3);
}

TEST_P(ProductImportTest, a_handle_that_comes_back_goes_on_with_its_product) {
    const std::string csv =
        std::string{kHeader} +
        "a,A,Size,S,9,,5,,/1.svg,,,,A-S,\nb,B,,,9,,,,,,,,,\na,,,M,9,,6,,/2.svg,,,,A-M,\n"
        "c,C,,,9,,,,,,,,,\na,,,L,9,,7,,/1.svg,,,,A-L,\n";
    EXPECT_EQ(import(csv), (ImportCounts{.rows = 5, .created = 3}));
    const auto content = product("a").content;
    ASSERT_EQ(content.skus.size(), 3u);
    EXPECT_EQ(content.skus[2].options[0], "L");
    EXPECT_EQ(content.images.size(), 2u);

    const auto before = fingerprint();
    EXPECT_EQ(import(csv), (ImportCounts{.rows = 5, .unchanged = 3}));
    EXPECT_EQ(fingerprint(), before);
    EXPECT_EQ(
        import(csv, {.dry_run = true, .actor = {}}), (ImportCounts{.rows = 5, .unchanged = 3})
    );
}

TEST_P(ProductImportTest, a_dry_run_checks_rows_that_go_on_with_a_product_it_did_not_keep) {
    const std::string csv =
        std::string{kHeader} +
        "a,A,Size,S,9,,,,,,,,X,\nb,B,,,9,,,,,,,,,\na,,,M,oops,,,,,,,,,\nc,C,,,9,,,,,,,,X,\n";
    const ImportOptions dry{.dry_run = true, .actor = {}};
    EXPECT_THAT(
        errors_of(csv, dry),
        ElementsAre(
            RowError{4, "Variant Price", "must be yuan such as 129.00, at most 100000000.00"},
            RowError{5, "Variant SKU", "another product has it"}
        )
    );
    EXPECT_EQ(product_count(), 0);
}

TEST_P(ProductImportTest, pictures_and_skus_that_the_file_dropped_are_gone_at_its_end) {
    import(
        std::string{kHeader} + "a,A,Size,S,9,,5,,/1.svg,1,,,A-S,\na,,,M,9,,6,,/2.svg,2,,,A-M,\n"
    );
    const std::string less = std::string{kHeader} + "a,A,Size,S,9,,5,,/1.svg,1,,,A-S,\n";
    EXPECT_EQ(import(less), (ImportCounts{.rows = 1, .updated = 1}));
    EXPECT_EQ(product("a").content.skus.size(), 1u);
    EXPECT_EQ(product("a").content.images.size(), 1u);
    EXPECT_EQ(import(less), (ImportCounts{.rows = 1, .unchanged = 1}));
}

TEST_P(ProductImportTest, a_code_may_move_to_a_product_further_up) {
    import(
        std::string{kHeader} + "a,A,Size,S,9,,,,,,,,,\nb,B,Size,S,9,,,,,,,,X,\nb,,,M,9,,,,,,,,Y,\n"
    );
    const auto counts =
        import(std::string{kHeader} + "a,A,Size,S,9,,,,,,,,Y,\nb,B,Size,S,9,,,,,,,,X,\n");
    EXPECT_EQ(counts, (ImportCounts{.rows = 2, .updated = 2}));
    EXPECT_EQ(product("a").content.skus[0].code, "Y");
    EXPECT_EQ(product("b").content.skus.size(), 1u);
}

TEST_P(ProductImportTest, options_may_change_altogether) {
    import(std::string{kHeader} + "a,A,,,9,,5,,,,,,A,\n");
    const SkuId before = product("a").content.skus[0].id;
    import(std::string{kHeader} + "a,A,Size,S,9,,5,,,,,,A,\na,,,M,9,,5,,,,,,B,\n");
    EXPECT_EQ(product("a").content.skus[0].id, before);
    import(std::string{kHeader} + "a,A,Title,Default Title,9,,5,,,,,,C,\n");
    EXPECT_TRUE(product("a").content.option_names.empty());
    EXPECT_EQ(product("a").content.skus.size(), 1u);
}

TEST_P(ProductImportTest, a_file_without_a_status_makes_active_products_and_keeps_known_ones) {
    import("Handle,Title,Variant Price\na,A,9\n");
    EXPECT_EQ(product("a").status, ProductStatus::active);
    import("Handle,Title,Variant Price,Status\na,A,9,draft\n");
    import("Handle,Title,Variant Price\na,A,10\n");
    EXPECT_EQ(product("a").status, ProductStatus::draft);
}

TEST_P(ProductImportTest, many_products_go_in_batches_with_progress) {
    std::string csv = "Handle,Title,Variant Price,Variant Inventory Qty,Variant SKU\n";
    for (int i = 0; i < 100; ++i) {
        const std::string n = std::to_string(i);
        csv += "p" + n + ",P " + n + ",9," + n + ",S" + (i == 37 ? "36" : n) + "\n";
    }
    Recorder recorder;
    const auto counts = try_import(csv, recorder).value();
    EXPECT_EQ(counts.created, 99u);
    EXPECT_THAT(
        recorder.errors, ElementsAre(RowError{39, "Variant SKU", "another product has it"})
    );
    ASSERT_GE(recorder.steps.size(), 7u);
    EXPECT_TRUE(std::ranges::is_sorted(recorder.steps, {}, [](const ImportProgress& step) {
        return step.counts.created;
    }));
    EXPECT_EQ(recorder.steps.back().counts, counts);
}

TEST_P(ProductImportTest, stops_when_it_is_told_to) {
    std::string csv = "Handle,Title,Variant Price\n";
    for (int i = 0; i < 100; ++i) csv += "p" + std::to_string(i) + ",P,9\n";
    Recorder recorder;
    recorder.stop_after = 2;
    const auto counts = try_import(csv, recorder).value();
    EXPECT_EQ(counts.created, 2 * ProductImport::kBatchProducts);
    EXPECT_EQ(product_count(), 2 * static_cast<std::int64_t>(ProductImport::kBatchProducts));
}

TEST_P(ProductImportTest, hostile_text_is_stored_as_text) {
    import(
        "Handle,Title,Variant Price,Vendor,Tags\n"
        "x,'; DROP TABLE products; --,9,<script>alert(1)</script>,=cmd|' /C calc'!A0\n"
    );
    const auto content = product("x").content;
    EXPECT_EQ(content.title, "'; DROP TABLE products; --");
    EXPECT_EQ(content.vendor, "<script>alert(1)</script>");
    EXPECT_THAT(content.tags, ElementsAre("=cmd|' /C calc'!A0"));
}

// Damaged files: nothing is thrown, what the counts say is what is there, stock adds up.
TEST_P(ProductImportTest, survives_damaged_files) {
    constexpr std::uint64_t kSeed = 23;
    std::mt19937_64 random{kSeed};
    const std::string whole = fixture("shop.csv");
    constexpr std::string_view kBytes{",\"\n\r\0x9-\xff ", 10};
    for (int round = 0; round < 30; ++round) {
        std::string csv = whole;
        for (auto edits = 1 + random() % 8; edits > 0; --edits) {
            const auto at = 400 + random() % (csv.size() - 400);
            if (random() % 3 == 0)
                csv.erase(at, random() % 40);
            else
                csv[at] = kBytes[random() % kBytes.size()];
        }
        Recorder recorder;
        const auto counts = try_import(csv, recorder);
        ASSERT_TRUE(counts.has_value()) << "round " << round;
        ASSERT_EQ(counts->bad_rows, recorder.errors.size());
    }
    EXPECT_EQ(stock_that_disagrees_with_its_ledger(), 0);
    EXPECT_EQ(import(exported()).failed, 0u);
}

TEST_P(ProductImportTest, loads_the_demo_shop) {
    const auto folder = std::filesystem::path{DOORBUSTER_SOURCE_DIR} / "resources/demo";
    const std::string csv = read_file(folder / "catalogue.csv");
    EXPECT_EQ(import(csv), (ImportCounts{.rows = 60, .created = 24}));
    EXPECT_EQ(import(csv), (ImportCounts{.rows = 60, .unchanged = 24}));
    EXPECT_EQ(integer("SELECT COUNT(*) FROM products WHERE status = 'active'"), 24);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM categories WHERE parent_id IS NOT NULL"), 8);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM stock WHERE available > 0"), 58);
    // A first look at a shop needs every picture, and a picture needs nothing else.
    const auto urls = database().read_blocking([](sql::Reader& reader) {
        static constexpr sql::Statement all{
            "test.media", "SELECT url FROM media", "SELECT url FROM media"};
        return reader.all(all, {}, [](const sql::Row& row) { return row.string(0); });
    });
    EXPECT_EQ(urls.size(), 24u);
    for (const std::string& url : urls) {
        const std::string picture = read_file(folder / url.substr(std::string{"/demo/"}.size()));
        EXPECT_LE(picture.size(), 4096u) << url;
        EXPECT_TRUE(picture.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"")) << url;
        for (const char* const outside : {"href", "url(", "<script", "<image", "<style", " on"}) {
            EXPECT_EQ(picture.find(outside), std::string::npos) << url << ": " << outside;
        }
    }
}

TEST_P(ProductImportTest, loads_a_real_shop) {
    const auto path = shared_data() / "goods-zh.csv";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not on this machine";
    const std::string csv = read_file(path);
    EXPECT_EQ(import(csv), (ImportCounts{.rows = 1265, .created = 239}));
    EXPECT_EQ(integer("SELECT COUNT(*) FROM skus WHERE removed = 0"), 244);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM products WHERE status = 'active'"), 238);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM categories WHERE parent_id IS NULL"), 9);
    EXPECT_EQ(stock_that_disagrees_with_its_ledger(), 0);

    const auto before = fingerprint();
    EXPECT_EQ(import(csv), (ImportCounts{.rows = 1265, .unchanged = 239}));
    EXPECT_EQ(fingerprint(), before);
    const std::string first = exported();
    EXPECT_EQ(import(first).unchanged, 239u);
    EXPECT_EQ(exported(), first);
}

TEST_P(ProductImportTest, loads_a_real_shop_in_english) {
    const auto path = shared_data() / "apparel.csv";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not on this machine";
    const std::string csv = read_file(path);
    EXPECT_EQ(import(csv), (ImportCounts{.rows = 22, .created = 20}));
    EXPECT_EQ(integer("SELECT COUNT(*) FROM skus WHERE removed = 0"), 22);
    EXPECT_EQ(product("classic-varsity-top").content.skus.size(), 3u);
    const auto before = fingerprint();
    EXPECT_EQ(import(csv), (ImportCounts{.rows = 22, .unchanged = 20}));
    EXPECT_EQ(fingerprint(), before);
}

}  // namespace
}  // namespace doorbuster::catalog
