DROP TABLE "trees";
