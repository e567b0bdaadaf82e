import { describe, expect, test } from "vitest";
import { type App, addAppTests, readExample, useApp } from "./app.ts";
import { PATH, profileCreation, signBody } from "./messages.ts";

/** An app with the example in it, its configuration with a setting. */
function app(setting: string): App {
  return {
    files: {
      "vite.config.js": 'import { sveltekit } from "@sveltejs/kit/vite";\nexport default { plugins: [sveltekit()] };',
      "svelte.config.js": `import adapter from "@sveltejs/adapter-node";\nexport default { kit: { adapter: adapter(), ${setting} } };`,
      "src/app.html": "<!doctype html><head>%sveltekit.head%</head><body>%sveltekit.body%</body>",
      [`src/routes${PATH}/+server.ts`]: readExample("sveltekit.ts"),
    },
    build: ["vite", "build"],
    start: (folder) => [`${folder}/build/index.js`],
  };
}

describe("SvelteKit", () => addAppTests(useApp(app('csrf: { trustedOrigins: ["*"] }')), PATH));

describe("SvelteKit without its trustedOrigins set to *", () => {
  const { answerTo } = useApp(app(""));

  test("answers Copernica's forms with 403 itself", async () => {
    expect((await answerTo(await signBody(profileCreation())))?.status).toBe(403);
  });
});
