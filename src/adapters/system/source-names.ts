/** Names of what people write: sources, texts, settings. */

/** No program writes its log or its state into such a file. */
export const isSourceName = (path: string): boolean => sourceName.test(path);

const sourceName =
  /\.(?:[cm]?[jt]sx?|go|mod|sum|work|py|pyi|rb|rs|java|kts?|php|cs|fs|vb|swift|exs?|erl|clj|scala|c|cc|cpp|h|hpp|m|zig|nim|lua|pl|r|jl|dart|vue|svelte|astro|html?|css|s[ac]ss|less|styl|tmpl|tpl|templ|gohtml|ejs|pug|hbs|mustache|liquid|jinja2?|j2|toml|properties|env|sql|proto|graphqls?|gql|mdx?|rst|adoc|ya?ml|ini|cfg|conf|tf|hcl|svg|sh|bash|zsh|fish|ps1|bat)$/i;
