import ModuleSDK

@main
struct Hello: Module {
    init(configuration: NoConfiguration, api: ModuleAPI) {
        api.registerWebResource("/_modules/hello/greet/{name}") { request in
            .text("Hello, \(request.parameters["name"] ?? "you")!")
        }
    }
}
