import Yams

extension ConfigurationDocument {
    /// Parses the text, reporting where it is no YAML; nil when it is not, or when there is nothing in it.
    func compose(_ yaml: String) -> ConfigurationValue? {
        do {
            // The basic resolver leaves every scalar as it is written: `PlainScalar` decides what it means.
            guard let node = try Yams.compose(yaml: yaml, .basic) else { return nil }
            return ConfigurationValue(node, keyPath: "", key: nil, document: self)
        } catch let error as YamlError {
            self.report(error, in: yaml)
        } catch {
            self.report("is no YAML: \(error)", at: "", location: nil)
        }
        return nil
    }

    /// The problems from the top of the file to its end.
    var problemsInFileOrder: [ConfigurationProblem] {
        self.problems.enumerated().sorted { left, right in
            let start = ConfigurationLocation(line: 0, column: 0)
            let (first, second) = (left.element.location ?? start, right.element.location ?? start)
            return (first.line, first.column, left.offset) < (second.line, second.column, right.offset)
        }.map(\.element)
    }

    private func report(_ error: YamlError, in yaml: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let around = context.map { " (\($0.text) that began in line \($0.mark.line))" } ?? ""
            self.report("is no YAML here: \(problem)\(around)", at: "", location: .init(mark))
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "`\($0)`" }.joined(separator: ", ")
            self.report("\(names) stands twice in one mapping", at: "", location: .init(context.mark))
        case .reader(let problem, let offset, _, _):
            let before = yaml.prefix(offset ?? 0)
            let column = before.reversed().prefix { !$0.isNewline }.count + 1
            let line = before.count { $0.isNewline } + 1
            self.report("is no YAML here: \(problem)", at: "", location: .init(line: line, column: column))
        default:
            self.report("is no YAML: \(error)", at: "", location: nil)
        }
    }
}

extension ConfigurationLocation {
    init(_ mark: Mark) {
        self.init(line: mark.line, column: mark.column)
    }
}
