/** What relay-compiler looks for in the sources. Its artifacts are imported by name, so the tag itself does nothing. */
export const graphql = (_document: TemplateStringsArray): void => {};
