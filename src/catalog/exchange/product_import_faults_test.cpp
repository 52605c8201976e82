#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/import_world.hpp"

namespace doorbuster::catalog {
namespace {

using namespace import_test;
using testing::ElementsAre;

class ProductImportFaults : public ImportWorld {};
DOORBUSTER_ON_BOTH_ENGINES(ProductImportFaults);

struct BadRow {
    const char* row;  // Handle,Title,Option1 Name,Option1
                      // Value,Price,Compare,Qty,Grams,Image,Pos,Status,Published,SKU,Category
    const char* column;
    const char* reason;
};

const BadRow kBadRows[] = {
    {"bad,,,,9,,,,,,,,,", "Title", "is missing"},
    {",Bad,,,9,,,,,,,,,", "Handle", "is missing"},
    {"bad,Bad,,,,,,,,,active,,X,", "Variant Price", "is missing"},
    {"bad,Bad,,,,,,,,,active,,,", "Variant Price", "A product needs a SKU before it is published."},
    {"bad,Bad,,,9.999,,,,,,,,,",
     "Variant Price",
     "must be yuan such as 129.00, at most 100000000.00"},
    {"bad,Bad,,,-9,,,,,,,,,", "Variant Price", "must be yuan such as 129.00, at most 100000000.00"},
    {"bad,Bad,,,¥9,,,,,,,,,", "Variant Price", "must be yuan such as 129.00, at most 100000000.00"},
    {"bad,Bad,,,1e3,,,,,,,,,",
     "Variant Price",
     "must be yuan such as 129.00, at most 100000000.00"},
    {"bad,Bad,,,99999999999999999999,,,,,,,,,",
     "Variant Price",
     "must be yuan such as 129.00, at most 100000000.00"},
    {"bad,Bad,,,9,\"1,299\",,,,,,,,",
     "Variant Compare At Price",
     "must be yuan such as 129.00, at most 100000000.00"},
    {"bad,Bad,,,9,,-1,,,,,,,",
     "Variant Inventory Qty",
     "must be a whole number from 0 to 1000000000"},
    {"bad,Bad,,,9,,9223372036854775808,,,,,,,",
     "Variant Inventory Qty",
     "must be a whole number from 0 to 1000000000"},
    {"bad,Bad,,,9,,1.5,,,,,,,",
     "Variant Inventory Qty",
     "must be a whole number from 0 to 1000000000"},
    {"bad,Bad,,,9,,,heavy,,,,,,", "Variant Grams", "must be a whole number from 0 to 1000000000"},
    {"bad,Bad,,,9,,,,javascript:alert(1),,,,,",
     "Image Src",
     "must be an http:// or https:// address or a path such as /a.jpg"},
    {"bad,Bad,,,9,,,,//e.com/a.png,,,,,",
     "Image Src",
     "must be an http:// or https:// address or a path such as /a.jpg"},
    {"bad,Bad,,,9,,,,/a.png,0,,,,", "Image Position", "must be a whole number from 1 to 1000000"},
    {"bad,Bad,,,9,,,,,,on,,,", "Status", "must be active, draft or archived"},
    {"bad,Bad,,,9,,,,,,,maybe,,", "Published", "must be true or false"},
    {"bad,Bad,Size,,9,,,,,,,,,", "Option1 Value", "the option Size has no value"},
    {"bad,Bad,,S,9,,,,,,,,,", "Option1 Name", "the option has a value but no name"},
    {"bad/handle,Bad,,,9,,,,,,,,,",
     "Handle",
     "must not hold spaces or any of / ? # % & \" ' < > \\"},
    {"bad,Bad\x01,,,9,,,,,,,,,", "Title", "holds a control character"},
    {"bad,Bad,,,9,,,,,,,,,a>b>c>d>e>f>g>h>i", "Product Category", "nests deeper than 8 levels"},
    {"bad,Bad,,,9,,,,,,,,,,more", "column 15", "the row is longer than the header"},
    {"bad,\"Bad\"x,,,9,,,,,,,,,", "Title", "text follows the closing quote"},
    {"bad,B\xB2\xE2,,,9,,,,,,,,,", "Title", "not UTF-8; save the file as \"CSV UTF-8\""},
    {"bad,Bad,,,9,,,,,,,,GOOD,", "Variant SKU", "another product has it"},
};

TEST_P(ProductImportFaults, a_bad_row_is_told_by_line_and_column_and_refuses_its_product_only) {
    for (const BadRow& bad : kBadRows) {
        SCOPED_TRACE(bad.row);
        Recorder recorder;
        const std::string csv{
            std::string{kHeader} + "good,Good,,,9,,,,,,,,GOOD,\n" + bad.row +
            "\nfine,Fine,,,9,,,,,,,,,\n"};
        const ImportCounts counts = try_import(csv, recorder).value();
        EXPECT_THAT(recorder.errors, ElementsAre(RowError{3, bad.column, bad.reason}));
        EXPECT_EQ(counts.created + counts.unchanged, 2u);
        EXPECT_EQ(counts.bad_rows, 1u);
        EXPECT_EQ(product_count(), 2);
    }
}

TEST_P(ProductImportFaults, every_bad_row_of_a_product_is_told_once_and_good_rows_of_it_are_not) {
    const auto errors = errors_of(
        std::string{kHeader} +
        "a,A,Size,S,x,,y,,,,,,,\na,,,M,9,,,,,,,,,\na,,,L,9,,z,,,,,,,\n"
        "a,,,,,,,,ftp://x/y,,,,,\n"
    );
    EXPECT_THAT(
        errors,
        ElementsAre(
            testing::Field(&RowError::line, 2u),
            testing::Field(&RowError::line, 4u),
            testing::Field(&RowError::line, 5u)
        )
    );
    EXPECT_EQ(product_count(), 0);
}

TEST_P(ProductImportFaults, two_skus_with_the_same_options_are_told_by_the_second_row) {
    const auto errors = errors_of(
        std::string{kHeader} + "a,A,Size,S,9,,,,,,,,,\na,,,M,9,,,,,,,,,\na,,,S,9,,,,,,,,,\n"
    );
    EXPECT_THAT(
        errors, ElementsAre(RowError{4, "Option1 Value", "another SKU of the product has the same"})
    );
}

TEST_P(ProductImportFaults, a_row_that_cannot_be_read_spoils_the_product_it_interrupts) {
    Recorder recorder;
    const auto counts = try_import(
                            std::string{kHeader} +
                                "a,A,Size,S,9,,,,,,,,,\n\"x\"y,,,M,9,,,,,,,,,\na,,,L,9,,,,,,,,,\n"
                                "b,B,,,9,,,,,,,,,\n",
                            recorder
    )
                            .value();
    EXPECT_THAT(
        recorder.errors, ElementsAre(RowError{3, "Handle", "text follows the closing quote"})
    );
    EXPECT_EQ(counts, (ImportCounts{.rows = 4, .bad_rows = 1, .created = 1, .failed = 1}));
    EXPECT_EQ(product("b").content.title, "B");
}

TEST_P(ProductImportFaults, refuses_a_file_that_is_no_product_file) {
    for (const std::string csv :
         {"",
          "\n\n",
          "name,price\na,1\n",
          "Handle,Title,handle\n",
          "Handle,\xFF\xFE\n",
          "%PDF-1.4\n"}) {
        Recorder recorder;
        const auto result = try_import(csv, recorder);
        ASSERT_TRUE(result.has_error()) << csv;
        EXPECT_TRUE(result.error().is(kNotAProductFile));
        EXPECT_EQ(result.error().details().size(), 1u);
    }
}

}  // namespace
}  // namespace doorbuster::catalog
