export default {
  build: {
    lib: { entry: "page.js", formats: ["es"], fileName: () => "page.js" },
    outDir: "library",
    copyPublicDir: false,
  },
};
