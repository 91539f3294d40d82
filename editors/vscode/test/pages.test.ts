import assert from "node:assert/strict";
import { test } from "node:test";
import { escaped, picturePage, textPage, withPolicy } from "../src/pages";
import { isAnswer, target } from "../src/server";

test("text is shown and not read as HTML", () => {
  assert.equal(escaped(`<a href="x">&'`), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  const page = textPage("what <if>", "1 < 2 & <script>alert(1)</script>");
  assert.ok(page.includes("<pre>1 &lt; 2 &amp; &lt;script&gt;"));
  assert.ok(page.includes("<title>what &lt;if&gt;</title>"));
});

test("every page forbids scripts before anything else is read", () => {
  const report = withPolicy("<!doctype html>\n<html><head lang=en>\n<title>plan</title></head></html>");
  const pages = [report, withPolicy("<p>no head</p>"), textPage("", ""), picturePage("", "<svg/>")];
  for (const page of pages) {
    const head = page.indexOf("<head");
    const policy = page.indexOf("default-src 'none'");
    assert.ok(head >= 0 && policy > head, page);
    assert.ok(!page.slice(head, policy).includes("<title"), page);
    assert.ok(!page.includes("script-src"), page);
  }
});

test("a picture is data and nothing of it is markup of the page", () => {
  const page = picturePage("graph", "<svg><script>alert(1)</script></svg>");
  assert.ok(!page.includes("<script"));
  const [, data] = /base64,([^"]+)"/.exec(page) ?? [];
  assert.equal(Buffer.from(data, "base64").toString(), "<svg><script>alert(1)</script></svg>");
});

test("a command is about what a lens, a menu or the editor says", () => {
  const uri = { scheme: "file", toString: () => "file:///a.ecl" };
  assert.deepEqual(target(["file:///b.ecl", "prod"], "file:///c.ecl"), {
    uri: "file:///b.ecl",
    name: "prod",
  });
  assert.deepEqual(target([uri, {}], undefined), { uri: "file:///a.ecl", name: undefined });
  assert.deepEqual(target([], "file:///c.ecl"), { uri: "file:///c.ecl", name: undefined });
  assert.deepEqual(target([7], undefined), { uri: undefined, name: undefined });
});

test("what is no answer is found out", () => {
  assert.ok(isAnswer({ title: "a", language: "svg", text: "" }));
  for (const value of [null, undefined, "a", 1, {}, { title: "a", language: "svg" }, []]) {
    assert.ok(!isAnswer(value));
  }
});
