(()=>{console.log("page");})();
