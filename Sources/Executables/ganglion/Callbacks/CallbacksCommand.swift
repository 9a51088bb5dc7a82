import ArgumentParser
import CallbackConfiguration
import Callbacks
import Foundation
import ServiceRuntime
import Supervision
import WireProtocol

/// `ganglion callbacks`: what modules can register, and who answers.
struct CallbacksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "callbacks",
        abstract: "Shows the callbacks: who is asked in which order, by which rule, and how the calls ended."
    )

    @Argument(
        help: "One callback, such as spam_checker/user_may_invite: its arguments, rule, policy, deadline and chain."
    )
    var callback: String?

    @Flag(help: "Write the reference page of the catalogue instead; no platform is asked.")
    var markdown = false

    @OptionGroup var options: PlatformOptions

    func validate() throws {
        guard let callback else { return }
        guard !self.markdown else { throw ValidationError("--markdown writes the page of all callbacks") }
        let parts = callback.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("a callback is named CATEGORY/NAME, such as spam_checker/user_may_invite")
        }
    }

    func run() async throws {
        guard !self.markdown else { return print(CatalogueReference(try self.catalogue()).markdown, terminator: "") }
        let names = (self.callback ?? "").split(separator: "/").map { PlatformClient.escaped(String($0)) }
        let answer = try await self.options.client().ask((["callbacks"] + names).joined(separator: "/"))
        guard !self.options.json else { return print(String(decoding: answer, as: UTF8.self)) }
        print(try self.text(answer))
    }

    private func text(_ answer: Data) throws -> String {
        do {
            let value = try JSONValue(parsing: Payload(Array(answer)))
            return self.callback == nil ? try CallbackReport(value).text() : try CallbackDetail(value).text()
        } catch {
            throw CommandFailure.failed("the platform's answer is not understood; is it of the same version? \(error)")
        }
    }

    /// That of the configuration, or the shipped one where there is none.
    private func catalogue() throws -> Catalogue {
        guard FileManager.default.fileExists(atPath: self.options.config) else { return try Catalogue.synapse() }
        return try PlatformConfiguration(contentsOf: self.options.config).catalogue()
    }
}
