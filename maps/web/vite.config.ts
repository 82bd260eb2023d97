import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    // The strict content security policy knows no data: fonts or scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rolldownOptions: { input: ["index.html", "login.html", "code.html", "password.html", "account.html", "figures.html", "zones.html", "replay.html"] },
  },
  worker: { format: "es" },
});
