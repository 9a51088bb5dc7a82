extension Catalogue {
    /// The callbacks of Matrix Synapse's module system, which every dispatcher has.
    ///
    /// The file is compiled into the program: a dispatcher works wherever its executable is copied to.
    public static func synapse() throws(CatalogueError) -> Catalogue {
        let text = String(decoding: PackageResources.synapse_yaml, as: UTF8.self)
        return try Catalogue().adding(text, from: "synapse.yaml")
    }

    /// This catalogue with the categories of another file.
    ///
    /// - Parameters:
    ///   - text: The contents of the file.
    ///   - file: Its name for error messages.
    /// - Returns: Both, this one's categories first.
    /// - Throws: ``CatalogueError`` with everything that is wrong.
    public func adding(_ text: String, from file: String) throws(CatalogueError) -> Catalogue {
        var reader = CatalogueReader(file: file, extending: self)
        reader.read(text)
        guard reader.problems.found.isEmpty else { throw CatalogueError(problems: reader.problems.found) }
        return reader.catalogue
    }
}
