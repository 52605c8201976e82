#pragma once

#include "core/error.hpp"

// What the catalog refuses. 2020–2039 belong to inventory, 2100 and up to import and export.
namespace doorbuster::catalog {

inline constexpr ErrorKind kProductNotFound{
    2001, "product_not_found", Condition::not_found, "There is no such product."};
inline constexpr ErrorKind kCategoryNotFound{
    2002, "category_not_found", Condition::not_found, "There is no such category."};
inline constexpr ErrorKind kSkuNotFound{
    2003, "sku_not_found", Condition::not_found, "There is no such SKU."};
inline constexpr ErrorKind kMediaNotFound{
    2004, "media_not_found", Condition::not_found, "There is no such picture."};
// A reference inside a body, as opposed to the thing the path names.
inline constexpr ErrorKind kUnknownReference{
    2005,
    "unknown_reference",
    Condition::unprocessable,
    "The request refers to something that does not exist."};
inline constexpr ErrorKind kHandleTaken{
    2006, "handle_taken", Condition::conflict, "Another product has this handle."};
inline constexpr ErrorKind kSkuCodeTaken{
    2007, "sku_code_taken", Condition::conflict, "Another SKU has this code."};
inline constexpr ErrorKind kInvalidProduct{
    2008,
    "invalid_product",
    Condition::unprocessable,
    "The product's options and SKUs do not fit together."};
inline constexpr ErrorKind kProductChanged{
    2009,
    "product_changed",
    Condition::conflict,
    "Someone else changed this product meanwhile. Load it again."};
inline constexpr ErrorKind kNothingToSell{
    2010, "nothing_to_sell", Condition::conflict, "A product needs a SKU before it is published."};
inline constexpr ErrorKind kCategoryNameTaken{
    2011,
    "category_name_taken",
    Condition::conflict,
    "A category beside it already has this name."};
inline constexpr ErrorKind kCategoryCircle{
    2012, "category_circle", Condition::conflict, "A category cannot be put below itself."};
inline constexpr ErrorKind kCategoryTooDeep{
    2013, "category_too_deep", Condition::conflict, "Categories nest at most eight deep."};
inline constexpr ErrorKind kCategoryNotEmpty{
    2014,
    "category_not_empty",
    Condition::conflict,
    "Only a category without products and subcategories can be deleted."};
inline constexpr ErrorKind kTooManyCategories{
    2015, "too_many_categories", Condition::conflict, "There are too many categories."};
inline constexpr ErrorKind kUnsupportedMedia{
    2016,
    "unsupported_media",
    Condition::unsupported,
    "Only JPEG, PNG and WebP pictures are taken, and the declared type must match."};
inline constexpr ErrorKind kBrokenMedia{
    2017,
    "broken_media",
    Condition::unprocessable,
    "The picture is damaged, cut off or larger than 10,000 pixels a side."};

}  // namespace doorbuster::catalog
