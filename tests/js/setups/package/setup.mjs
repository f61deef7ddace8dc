export const setups = {
  async publint({ project, tarball }) {
    await project.run("publint", "--strict", tarball);
  },
  async "are-the-types-wrong"({ project, tarball }) {
    await project.run("attw", tarball);
  },
};
