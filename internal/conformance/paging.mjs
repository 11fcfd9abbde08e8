// Pages, as the platform's lists have them: a token for the next page and one for the page before.
import assert from "node:assert/strict";

/**
 * Asserts that list(pageSize, pageToken) leads through all items in pages of a size, and back; items takes its items
 * from a page, and total is their number. Returns the items of all pages.
 */
export async function pagesToTheEnd(list, items, { pageSize, total }) {
  const pages = [];
  let pageToken = "";
  do {
    const page = await list(pageSize, pageToken);
    assert.equal(page.totalSize, total);
    pages.push(page);
    pageToken = page.nextPageToken;
    assert.ok(pages.length <= total / pageSize + 1, "paging ends");
  } while (pageToken !== "");
  assert.equal(pages.length, Math.max(1, Math.ceil(total / pageSize)));
  assert.equal(pages[0].prevPageToken, "");
  if (pages.length > 1) {
    const back = await list(pageSize, pages[1].prevPageToken);
    assert.deepEqual(items(back), items(pages[0]), "prev_page_token leads back");
  }
  const all = pages.flatMap(items);
  assert.equal(all.length, total);
  assert.equal(new Set(all.map((item) => item.id)).size, total, "nothing comes twice");
  return all;
}
