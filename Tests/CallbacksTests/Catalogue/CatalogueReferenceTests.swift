import Callbacks
import Foundation
import Testing

/// Holds `docs/callbacks-reference.md` to the catalogue that it lists.
struct CatalogueReferenceTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/callbacks-reference.md")

    @Test func thePageIsTheCatalogue() throws {
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        let written = CatalogueReference(try Catalogue.synapse()).markdown
        // Line by line, so that what differs is seen.
        let lines = (page.components(separatedBy: "\n"), written.components(separatedBy: "\n"))
        let differing = zip(lines.0, lines.1).first { $0 != $1 }
        #expect(
            page == written,
            "write it anew with `ganglion callbacks --markdown > docs/callbacks-reference.md`: \(differing.debugDescription)"
        )
    }

    @Test func anOperatorsOwnCategoryIsListedToo() throws {
        let catalogue = try Catalogue().adding(CatalogueTests.shop, from: "shop.yaml")
        let page = CatalogueReference(catalogue).markdown
        #expect(page.contains("## shop\n"))
        #expect(page.contains("### may_buy\n"))
        #expect(page.contains("| arguments | `item`: `string`<br>`price`: `number` |"))
        #expect(page.contains("| rule | `first_answer`, neutral: `\"allow\"` |"))
    }
}
