exports.main=async()=>{console.log("before");await null;throw new TypeError("bad thing")};
//# sourceMappingURL=data:application/json;base64,ewogICJ2ZXJzaW9uIjogMywKICAic291cmNlcyI6IFsiaW5kZXguanMiXSwKICAibWFwcGluZ3MiOiAiQUFBQSxRQUFRLEtBQU8sU0FBWSxDQUN6QixRQUFRLElBQUksUUFBUSxFQUFHLE1BQU0sS0FDN0IsTUFBTSxJQUFJLFVBQVUsV0FBVyxDQUNqQyIsCiAgIm5hbWVzIjogW10KfQo=
